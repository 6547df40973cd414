import ArgumentParser
import CurlTransport
import Entra
import GatewayAPI
import Graph
import Ledger
import Settings
import Telemetry
import Transport

/// `check`: reads the configuration as `serve` would, and says what is wrong with it.
struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Check the configuration without starting anything.",
        discussion: "Exits with 78 when something is wrong, and then says all of it. No secret is shown."
    )

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var flags: [String] = []

    func run() async throws {
        let configuration: ServiceConfiguration
        do {
            configuration = try ServiceConfiguration.read(flags: flags)
        } catch {
            complain(error.description)
            throw ExitCode(SettingsError.exitCode)
        }
        let gateway = configuration.gateway
        let certificate = gateway.certificate.map { "\n              certificate \($0.facts.remark(at: .now))" } ?? ""
        print(
            """
            The configuration is complete.
              callers     \(gateway.certificate == nil ? "http" : "https")://\(gateway.host):\(gateway.port)\(certificate)
              management  http://\(gateway.managementHost):\(gateway.managementPort)
              keys        \(KeyText.report(gateway.keys, at: .now))
            \(CredentialReport(configuration.access).lines)
              ledger      \(configuration.ledger.place)
              traces      \(configuration.traces.summary)
              Graph       \(configuration.graph.baseURL), profiles of the kind \(gateway.rules.defaultKind.rawValue)
              start       \(start(gateway.startupLimit))
              stop        \(gateway.shutdownGrace) of grace, then \(gateway.shutdownLimit) to finish what is in flight
            Nothing was sent: whether Entra and Graph accept it shows when the service starts.
            """
        )
    }

    private func start(_ limit: Duration) -> String {
        limit == .zero
            ? "callers are let in at once" : "callers are let in with the first access token, or after \(limit)"
    }
}
