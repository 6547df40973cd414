package import ArgumentParser
import Logging
import Sandbox
import ServiceLifecycle
import UnixSignals

/// Runs the emulator of Entra and Graph alone.
package struct GraphSandbox: AsyncParsableCommand {
    package static let configuration = CommandConfiguration(
        commandName: "graph-sandbox",
        abstract: "Emulates Entra and Microsoft Graph for Android enrollment profiles.",
        discussion: """
            It prints one line with its addresses, and ends on SIGTERM or SIGINT. Without options it speaks plain http on a \
            loopback address and knows one tenant, one app and three profiles of each kind; docs/sandbox.md names them.
            """
    )

    static let shutdownLimit = Duration.seconds(2)

    @OptionGroup var options: SandboxOptions

    @Flag(help: "Start nothing: ask the sandbox that runs with these options whether it answers. Exits with 0 or 1.")
    var health = false

    package init() {}

    package func run() async throws {
        if health {
            try await SandboxHealth(options.configuration()).check()
        } else {
            try await serve()
        }
    }

    private func serve() async throws {
        let sandbox = try Sandbox(configuration: options.configuration(), logger: options.logger())
        let tokenFile = options.federatedTokenFile.map {
            FederatedTokenFile(path: $0, sandbox: sandbox, logger: options.logger())
        }
        var configuration = ServiceGroupConfiguration(
            services: [sandbox as any Service] + (tokenFile.map { [$0] } ?? []),
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: options.logger()
        )
        // A client that never finishes its request, or leaves an HTTP/2 connection idle and does not listen to goodbyes, must not
        // keep the process. What is at work takes milliseconds.
        configuration.maximumGracefulShutdownDuration = Self.shutdownLimit
        let services = ServiceGroup(configuration: configuration)
        async let announcement: Void = announce(sandbox, tokenFile, services)
        try await services.run()
        try await announcement
    }

    /// One line on stdout, written out at once: what starts a sandbox waits for it, and finds all files there.
    private func announce(
        _ sandbox: Sandbox,
        _ tokenFile: FederatedTokenFile?,
        _ services: ServiceGroup
    ) async throws {
        // Without an address there is nothing to announce, and `run` tells why.
        guard let address = try? await sandbox.address() else { return }
        do {
            try await tokenFile?.renew()
        } catch {
            await services.triggerGracefulShutdown()
            throw error
        }
        let tenant = sandbox.store.tenant
        let trust = address.certificatePath.map { " certificate \($0)" } ?? ""
        print(
            "graph-sandbox: Entra \(address.baseURL) Graph \(address.graphURL) tenant \(tenant.id) client \(tenant.clientID)\(trust)"
        )
        Output.flush()
    }
}
