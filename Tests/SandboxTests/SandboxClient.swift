import HTTPTypes
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import Sandbox

/// A running sandbox and the requests that tests make of it.
struct SandboxClient: Sendable {
    static let forWorkID = "aaaaaaaa-0000-4000-8000-000000000001"
    static let ownerID = "dddddddd-0000-4000-8000-000000000001"
    static let forWork = "/beta/deviceManagement/androidForWorkEnrollmentProfiles"
    static let owner = "/beta/deviceManagement/androidDeviceOwnerEnrollmentProfiles"

    let sandbox: Sandbox
    let address: SandboxAddress

    var store: SandboxStore { sandbox.store }

    /// Runs a sandbox for the time of `body`.
    static func withSandbox(
        _ configuration: SandboxConfiguration = .init(),
        logger: Logger = quiet,
        _ body: @escaping @Sendable (SandboxClient) async throws -> Void
    ) async throws {
        let sandbox = try Sandbox(configuration: configuration, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            let services = ServiceGroup(configuration: .init(services: [sandbox], logger: quiet))
            group.addTask { try await services.run() }
            do {
                try await body(SandboxClient(sandbox: sandbox, address: sandbox.address()))
                await services.triggerGracefulShutdown()
                try await group.waitForAll()
            } catch {
                await services.triggerGracefulShutdown()
                throw error
            }
        }
    }

    static var quiet: Logger { Logger(label: "test") { _ in SwiftLogNoOpLogHandler() } }

    /// The bytes of a request that asks for its connection to be closed behind it.
    func bytes(_ method: String, _ path: String, _ fields: [(String, String)] = [], body: String? = nil) -> String {
        var text = "\(method) \(path) HTTP/1.1\r\nHost: \(address.authority)\r\nConnection: close\r\n"
        for (name, value) in fields { text += "\(name): \(value)\r\n" }
        if let body { text += "Content-Length: \(body.utf8.count)\r\n" }
        return text + "\r\n" + (body ?? "")
    }

    func send(
        _ method: String,
        _ path: String,
        _ fields: [(String, String)] = [],
        body: String? = nil
    ) async throws -> HTTPConversation {
        try await .hold(bytes(method, path, fields, body: body), with: address)
    }

    // MARK: Entra

    static let formFields = [("Content-Type", "application/x-www-form-urlencoded")]

    var goodForm: [(String, String)] {
        [
            ("client_id", SandboxConfiguration.defaultClientID), ("scope", "\(address.baseURL)/.default"),
            ("grant_type", "client_credentials"), ("client_secret", SandboxConfiguration.defaultClientSecret),
        ]
    }

    /// The good form with `changes`; nil takes a field out.
    func askToken(
        tenant: String = SandboxConfiguration.defaultTenantID,
        _ changes: [String: String?] = [:],
        fields: [(String, String)] = []
    ) async throws -> HTTPConversation {
        var form = goodForm.filter { changes[$0.0] == nil }
        for (name, value) in changes { if let value { form.append((name, value)) } }
        let body = form.map { "\($0.0)=\(Self.encoded($0.1))" }.joined(separator: "&")
        return try await send("POST", "/\(tenant)/oauth2/v2.0/token", Self.formFields + fields, body: body)
    }

    /// An access token that is good.
    func accessToken(_ changes: [String: String?] = [:]) async throws -> String {
        let answer = try await askToken(changes)
        guard case .string(let token) = answer.json["access_token"] else {
            Issue.record("no access token: \(answer.text)")
            return ""
        }
        return token
    }

    static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            let character = Character(UnicodeScalar(byte))
            return character.isASCII && (character.isLetter || character.isNumber)
                ? String(character) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    // MARK: Graph

    func graph(
        _ method: String,
        _ path: String,
        token: String,
        _ fields: [(String, String)] = [],
        body: String? = nil
    ) async throws -> HTTPConversation {
        let json = body == nil ? [] : [("Content-Type", "application/json")]
        return try await send(method, path, [("Authorization", "Bearer \(token)")] + json + fields, body: body)
    }

    func createToken(
        _ profile: String = "\(forWork)/\(forWorkID)",
        validity: String = "3600",
        token: String
    ) async throws -> HTTPConversation {
        try await graph(
            "POST",
            "\(profile)/createToken",
            token: token,
            body: "{\"tokenValidityInSeconds\": \(validity)}"
        )
    }

    // MARK: The control endpoint

    @discardableResult
    func control(_ method: String, _ name: String, _ body: String? = nil) async throws -> HTTPConversation {
        try await send(method, "/_sandbox/\(name)", body: body)
    }
}
