import Entra
import Foundation
import GatewayAPI
import Graph
import KeyRing
import Ledger
import Logging
import Sandbox
import Settings
import Transport

/// The gateway with a sandbox as its tenant: something to try without any set-up.
struct SandboxedService {
    /// Known to everybody, like the sandbox's client secret: it opens nothing but a sandbox.
    static let callerKey = "sandbox-key"

    private let service: GatewayService
    private let common: ServiceConfiguration.Common
    private let address: SandboxAddress
    private let usesOwnKey: Bool
    /// The sandbox forgets its tokens when it ends; so does a ledger that nobody has chosen a place for.
    private let folder: TemporaryFolder?
    private let logger: Logger

    init(
        _ common: ServiceConfiguration.Common,
        tenant: SandboxConfiguration,
        address: SandboxAddress,
        logger: Logger
    ) async throws {
        var common = common
        usesOwnKey = common.gateway.keys.single == nil
        common.gateway.keys.single = common.gateway.keys.single ?? SingleKey(Secret(Self.callerKey))
        if !common.gateway.choosesDocs { common.gateway.docs = .init() }
        if usesOwnKey { common.gateway.docs?.sandboxKey = Self.callerKey }
        folder = common.choosesLedger ? nil : try TemporaryFolder()
        if let folder { common.ledger.place = .sqlite(path: folder.path + "/ledger.sqlite") }
        let configuration = try common.configuration(using: tenant, at: address)
        self.common = common
        self.address = address
        self.logger = logger
        do {
            service = try await GatewayService(configuration, logger: logger)
        } catch {
            folder?.remove()
            throw error
        }
    }

    func run(_ stopping: Stopping) async throws {
        logger.warning(
            "Started with a sandbox as its tenant: no real enrollment token will be made",
            metadata: ["sandbox.address": "\(address.baseURL)"]
        )
        defer { folder?.remove() }
        try await service.run(stopping) { complain(notice(port: $0, managementPort: $1)) }
    }

    private var audit: String {
        let command = "\(CommandLine.arguments.first ?? "enrollment-gateway") audit"
        return folder.map { "LEDGER_URL=sqlite:\($0.path)/ledger.sqlite \(command)" } ?? command
    }

    /// What there is to look at.
    private func pages(_ root: String, _ managementPort: Int) -> String {
        var lines: [String] = []
        if common.gateway.docs != nil { lines.append("To try it in a browser: \(root)/docs") }
        if service.hasConsole {
            let host = common.gateway.managementHost
            let name = host.contains(":") ? "[\(host)]" : host
            lines.append("The operator's console: http://\(name):\(managementPort)/")
        }
        return lines.joined(separator: "\n")
    }

    /// A call to copy. On standard error, so that standard output stays nothing but log lines.
    private func notice(port: Int, managementPort: Int) -> String {
        let kind = common.gateway.rules.defaultKind.rawValue
        let profile = SandboxProfile.samples.first { $0.kind.rawValue == kind }?.id ?? ""
        let key = usesOwnKey ? Self.callerKey : "$API_KEY"
        let root = "\(common.gateway.certificate == nil ? "http" : "https")://\(common.gateway.host):\(port)"
        return """

            The gateway is up, with a sandbox as its tenant. Try it from another terminal:

              curl -i -X POST \(root)/profiles/\(profile)/token \\
                -H 'X-API-Key: \(key)' -H 'Content-Type: application/json' -d '{"tokenValidityInSeconds": 3600}'

            \(pages(root, managementPort))
            What the sandbox's profiles show: curl \(address.baseURL)/_sandbox/profiles
            What is on record: \(audit)
            Control-C ends both.

            """
    }
}
