import ArgumentParser
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

/// Runs the emulator of Entra and Graph alone.
@main
struct GraphSandbox: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "graph-sandbox",
        abstract: "Emulates Entra and Microsoft Graph for Android enrollment profiles.",
        discussion: """
            It prints one line with its addresses, and ends on SIGTERM or SIGINT. Without options it knows one tenant, one \
            app and three profiles of each kind; docs/sandbox.md names them.
            """
    )

    @OptionGroup var options: SandboxOptions

    func run() async throws {
        let sandbox = try Sandbox(configuration: options.configuration(), logger: options.logger())
        var configuration = ServiceGroupConfiguration(
            services: [sandbox],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: options.logger()
        )
        // A client that never finishes its request must not keep the process.
        configuration.maximumGracefulShutdownDuration = .seconds(5)
        let services = ServiceGroup(configuration: configuration)
        async let announcement: Void = announce(sandbox)
        try await services.run()
        await announcement
    }

    /// One line on stdout, written out at once: what starts a sandbox waits for it.
    private func announce(_ sandbox: Sandbox) async {
        // Without an address there is nothing to announce, and `run` tells why.
        guard let address = try? await sandbox.address() else { return }
        let tenant = sandbox.store.tenant
        print(
            "graph-sandbox: Entra \(address.baseURL) Graph \(address.graphURL) tenant \(tenant.id) client \(tenant.clientID)"
        )
        Output.flush()
    }
}
