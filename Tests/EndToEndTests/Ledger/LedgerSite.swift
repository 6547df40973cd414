import Foundation
import TestSupport
import Testing

/// A sandbox and a place for a ledger, which stay while gateways come and go.
final class LedgerSite: Sendable {
    static let ledgerName = "ledger.sqlite"

    let folder: Folder
    let sandbox: Program
    let sandboxURL: String
    private let settings: [String: String]

    /// - Parameter settings: of every gateway.
    init(sandboxFlags: [String] = [], settings: [String: String] = [:]) async throws {
        folder = try Folder()
        let secretFile = try Deployment.writeSecret(to: folder)
        sandbox = try Program("graph-sandbox", Deployment.sandboxArguments(secretFile: secretFile) + sandboxFlags)
        sandboxURL = try await sandbox.sandboxURL()
        self.settings = Deployment.settings(sandboxURL: sandboxURL, secretFile: secretFile)
            .merging(["LOG_LEVEL": "info", "LEDGER_URL": "sqlite:" + folder.path(Self.ledgerName)]) { $1 }
            .merging(settings) { $1 }
    }

    var ledgerURL: String { settings["LEDGER_URL"] ?? "" }

    /// A gateway that serves, or that has ended before it did.
    func gateway(_ more: [String: String] = [:]) async throws -> LedgerGateway {
        try await LedgerGateway(settings.merging(more) { $1 })
    }

    /// A gateway that is not expected to serve.
    ///
    /// - Parameter files: how many may be open, as `prlimit` is told.
    func program(_ more: [String: String] = [:], files: String? = nil) throws -> Program {
        let settings = settings.merging(more) { $1 }
        guard let files else { return try Program("enrollment-gateway", ["serve"], environment: settings) }
        let gateway = Program.folder.appendingPathComponent("enrollment-gateway").path
        return try Program("/usr/bin/prlimit", ["--nofile=\(files)", gateway, "serve"], environment: settings)
    }

    /// What `audit` says; it reads the ledger beside the gateway.
    func audit(_ arguments: [String] = []) async throws -> (output: String, complaint: String, code: Int32) {
        let program = try Program("enrollment-gateway", ["audit"] + arguments, environment: ["LEDGER_URL": ledgerURL])
        let code = try await program.exitCode()
        return (program.standardOutput, program.standardError, code)
    }

    /// All records, oldest first.
    func records(_ filter: [String] = []) async throws -> [LedgerLine] {
        let audit = try await audit(["--json"] + filter)
        guard audit.code == 0 else { throw Program.Failure(description: "audit: \(audit.complaint)") }
        return try audit.output.split(separator: "\n").map { try LedgerLine(String($0)) }
    }

    func inject(_ fault: String) async throws { try await Deployment.inject(fault, at: sandboxURL) }

    /// Lets time pass in the sandbox.
    func advanceClock(by time: Duration) async throws {
        let body = #"{"advanceSeconds": \#(time.components.seconds)}"#
        #expect(try await curl(["-X", "POST", sandboxURL + "/_sandbox/clock", "-d", body]).status == 200)
    }

    /// How many calls of an operation the sandbox has seen.
    func arrived(_ operation: String) async throws -> Int { try await count("arrived", operation) }

    /// How often it was done.
    func effective(_ operation: String) async throws -> Int { try await count("effective", operation) }

    /// How often it was answered so.
    func answered(_ operation: String, _ status: Int) async throws -> Int {
        let counters = try await curl([sandboxURL + "/_sandbox/counters"]).json
        let answers = (counters[operation] as? [String: Any])?["byStatus"] as? [String: Int]
        return answers?["\(status)"] ?? 0
    }

    private func count(_ what: String, _ operation: String) async throws -> Int {
        let counters = try await curl([sandboxURL + "/_sandbox/counters"]).json
        return (counters[operation] as? [String: Any])?[what] as? Int ?? -1
    }

    /// Suspends until the sandbox has seen so many, for as long as `wait(until:)` waits.
    func waitUntilArrived(_ count: Int, _ operation: String = "createToken") async throws {
        try await wait(until: "\(operation) arrives for the \(count)th time") { try await arrived(operation) >= count }
    }

    func profiles() async throws -> [ShownProfile] {
        let profiles = try await curl([sandboxURL + "/_sandbox/profiles"]).json["profiles"] as? [[String: Any]]
        return (profiles ?? []).compactMap(ShownProfile.init)
    }

    func profile(_ id: String = Deployment.profile) async throws -> ShownProfile {
        guard let profile = try await profiles().first(where: { $0.id == id }) else {
            throw Program.Failure(description: "no profile \(id)")
        }
        return profile
    }
}

/// A record as `audit --json` tells it.
struct LedgerLine {
    let text: String
    private let members: [String: any Sendable]

    init(_ text: String) throws {
        guard let json = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw Program.Failure(description: "no record: \(text)")
        }
        self.text = text
        members = json.compactMapValues { $0 as? String }
    }

    subscript(_ member: String) -> String? { members[member] as? String }
}

/// A profile as the sandbox has it.
struct ShownProfile: Sendable {
    let id: String
    let tokensCreated: Int
    let tokenValue: String?
    let createdAt: Date?
    let expiresAt: Date?

    init?(_ json: [String: Any]) {
        guard let id = json["id"] as? String, let count = json["tokensCreated"] as? Int else { return nil }
        self.id = id
        tokensCreated = count
        tokenValue = json["tokenValue"] as? String
        createdAt = (json["tokenCreationDateTime"] as? String).flatMap(Date.init(graph:))
        expiresAt = (json["tokenExpirationDateTime"] as? String).flatMap(Date.init(graph:))
    }
}

extension Date {
    /// With whatever fraction of a second, which is left out.
    init?(graph text: String) {
        guard let date = ISO8601DateFormatter().date(from: String(text.prefix(19) + "Z")) else { return nil }
        self = date
    }
}
