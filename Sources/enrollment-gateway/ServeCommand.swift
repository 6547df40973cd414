import ArgumentParser
import CurlTransport
import Entra
import Foundation
import Ledger
import Logging
import NIOCore
import Sandbox
import ServiceLifecycle
import Settings
import Telemetry
import Transport

/// `serve`: the service itself.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve",
        abstract: "Serve callers until SIGTERM or SIGINT.",
        discussion: "Exits with 78 when the configuration is wrong, and then says all that is."
    )

    @Flag(help: "Emulate Entra and Graph in this process and use them as the tenant; no other set-up is needed.")
    var sandbox = false

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var flags: [String] = []

    func run() async throws {
        // Until the service listens for it, a reload that is asked for finds nothing that could be outdated, and is no end.
        signal(SIGHUP, SIG_IGN)
        let signals = await StopSignals()
        defer { ProcessLog.end() }
        do {
            try await signals.whileListening { try await serve(signals) }
        } catch let error as SettingsError {
            complain(error.description)
            throw ExitCode(SettingsError.exitCode)
        } catch let error as CurlTransportError {
            complain(error.description)
            throw ExitCode.failure
        } catch let error as LedgerFault {
            complain("The ledger cannot be used: \(error)")
            throw ExitCode.failure
        } catch let error as ListenError {
            complain(error.description)
            throw ExitCode.failure
        } catch let error as TemporaryFolder.Failure {
            complain(error.description)
            throw ExitCode.failure
        } catch let error as SandboxError {
            complain("\(error)")
            throw ExitCode.failure
        }
    }

    private func serve(_ signals: StopSignals) async throws {
        if sandbox { return try await serveSandbox(ServiceConfiguration.readForSandbox(flags: flags), signals) }
        let configuration = try ServiceConfiguration.read(flags: flags)
        let service = try await GatewayService(configuration, logger: ProcessLog.begin(configuration.log))
        signals.beginServing()
        try await service.run(signals.stopping)
    }

    private func serveSandbox(_ common: ServiceConfiguration.Common, _ signals: StopSignals) async throws {
        let logger = ProcessLog.begin(common.log)
        let tenant = SandboxConfiguration()
        let sandbox = try Sandbox(configuration: tenant, logger: logger)
        var end = ServiceGroupConfiguration(services: [sandbox], logger: logger)
        // A client of the sandbox's own that never finishes its request must not keep the process.
        end.maximumGracefulShutdownDuration = .seconds(5)
        let tenants = ServiceGroup(configuration: end)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await tenants.run() }
            let address = try await sandbox.address()
            let service = try await SandboxedService(common, tenant: tenant, address: address, logger: logger)
            signals.beginServing()
            try await service.run(signals.stopping)
            // Last: what was in flight had its tenant to the end.
            await tenants.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }
}
