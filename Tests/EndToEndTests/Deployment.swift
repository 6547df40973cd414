import Foundation
import TestSupport

/// A sandbox and a gateway in processes of their own, talking over loopback as they would across a network.
struct Deployment {
    static let key = "portal-key-0123456789"
    static let secret = "client-secret-0123456789"
    static let tenant = "3f2b0c54-7a1e-4d5b-9c86-0d1e2f3a4b5c"
    static let client = "9d8c7b6a-5f4e-4d3c-8b2a-1f0e9d8c7b6a"
    static let profile = "aaaaaaaa-0000-4000-8000-000000000001"
    static let deviceOwnerProfile = "dddddddd-0000-4000-8000-000000000001"

    let sandbox: Program
    let sandboxURL: String
    let gateway: Program
    let gatewayURL: String
    private let folder: Folder

    /// - Parameters:
    ///   - secure: whether the two speak https, and HTTP/2, under the sandbox's own authority.
    ///   - prepare: is run against the sandbox before the gateway starts.
    ///   - settings: on top of those that make the gateway use the sandbox.
    static func start(
        secure: Bool = false,
        sandboxFlags: [String] = [],
        settings: [String: String] = [:],
        prepare: (String) async throws -> Void = { _ in }
    ) async throws -> Deployment {
        let folder = try Folder()
        let secretFile = try writeSecret(to: folder)
        let sandbox = try Program(
            "graph-sandbox",
            sandboxArguments(secretFile: secretFile) + sandboxFlags + (secure ? ["--tls-directory", folder.path] : [])
        )
        let sandboxURL = try await sandbox.sandboxURL()
        try await prepare(sandboxURL)

        let environment = Self.settings(sandboxURL: sandboxURL, secretFile: secretFile).merging([
            "UPSTREAM_CA_PATH": secure ? folder.path + "/ca.pem" : "",
            "LEDGER_URL": "sqlite:" + folder.path("ledger.sqlite"),
        ]) { $1 }.merging(settings) { _, own in own }
        let gateway = try Program("enrollment-gateway", ["serve"], environment: environment)
        let port = try await gateway.logLine("Serving callers")["http.port"] ?? ""
        return Deployment(
            sandbox: sandbox,
            sandboxURL: sandboxURL,
            gateway: gateway,
            gatewayURL: "http://127.0.0.1:\(port)",
            folder: folder
        )
    }

    /// The path of the file with the client secret.
    static func writeSecret(to folder: Folder) throws -> String { try folder.write(secret + "\n", to: "secret") }

    static func sandboxArguments(secretFile: String) -> [String] {
        ["--port", "0", "--tenant", tenant, "--client", client, "--secret-file", secretFile]
    }

    /// What makes a gateway use the sandbox.
    static func settings(sandboxURL: String, secretFile: String) -> [String: String] {
        [
            "HTTP_PORT": "0", "MANAGEMENT_PORT": "0", "API_KEY": key, "AZURE_TENANT_ID": tenant,
            "AZURE_CLIENT_ID": client, "AZURE_CLIENT_SECRET_FILE": secretFile, "AZURE_AUTHORITY_HOST": sandboxURL,
            "GRAPH_BASE_URL": sandboxURL + "/beta", "LOG_LEVEL": "trace",
        ]
    }

    func tokenURL(_ profile: String = Deployment.profile) -> String { "\(gatewayURL)/profiles/\(profile)/token" }

    /// Asks for an enrollment token.
    func mint(
        _ profile: String = Deployment.profile,
        query: String = "",
        validity: Int = 3600,
        key: String = Deployment.key,
        options: [String] = []
    ) async throws -> CurlAnswer {
        try await curl(
            options + [
                "-X", "POST", tokenURL(profile) + query, "-H", "X-API-Key: \(key)", "-H",
                "Content-Type: application/json",
                "-d", #"{"tokenValidityInSeconds": \#(validity)}"#,
            ]
        )
    }

    /// What curl needs to trust the sandbox.
    var trust: [String] { sandboxURL.hasPrefix("https") ? ["--cacert", folder.path + "/ca.pem"] : [] }

    /// Makes the sandbox misbehave.
    func inject(_ fault: String) async throws { try await Deployment.inject(fault, at: sandboxURL, options: trust) }

    static func inject(_ fault: String, at sandboxURL: String, options: [String] = []) async throws {
        let answer = try await curl(options + ["-X", "POST", sandboxURL + "/_sandbox/faults", "-d", fault])
        guard answer.status == 201 else { throw Program.Failure(description: "no such fault: \(answer.body)") }
    }

    /// How many calls of an operation the sandbox has seen.
    func arrived(_ operation: String) async throws -> Int {
        let counters = try await curl(trust + [sandboxURL + "/_sandbox/counters"]).json
        return (counters[operation] as? [String: Any])?["arrived"] as? Int ?? -1
    }

    /// What the sandbox shows of a profile.
    func profile(_ id: String = Deployment.profile) async throws -> [String: Any] {
        let profiles = try await curl(trust + [sandboxURL + "/_sandbox/profiles"]).json["profiles"] as? [[String: Any]]
        return profiles?.first { $0["id"] as? String == id } ?? [:]
    }
}
