import ArgumentParser
import CurlTransport
import GatewayAPI
import HTTPTypes
import Settings
import Transport

/// `health`: asks the running service whether it is alive, or ready; for a container's health check.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health",
        abstract: "Ask the service on this machine whether it is alive, or ready.",
        discussion: "Exits with 0 when it is, and with 1 when it is not. Reads MANAGEMENT_HOST and MANAGEMENT_PORT."
    )

    @Flag(help: "Ask whether callers are to be sent here (/readyz) in place of whether it is alive (/livez).")
    var ready = false

    @Argument(parsing: .allUnrecognized, help: .hidden)
    var flags: [String] = []

    func run() async throws {
        let settings = SettingsReader(arguments: flags)
        let host = settings.text("MANAGEMENT_HOST") ?? "127.0.0.1"
        let port = settings.integer(
            "MANAGEMENT_PORT",
            default: GatewayConfiguration.defaultManagementPort,
            in: 1...65535
        )
        do {
            try settings.finish()
        } catch {
            complain(error.description)
            throw ExitCode(SettingsError.exitCode)
        }
        do {
            // Bound to all addresses it is found on the loopback one.
            let address = ["0.0.0.0", "::", "[::]"].contains(host) ? "127.0.0.1" : host
            let authority = address.contains(":") && !address.hasPrefix("[") ? "[\(address)]" : address
            let url = try UpstreamURL(
                "http://\(authority):\(port)\(ready ? "/readyz" : "/livez")",
                allowingPlainHTTP: true
            )
            try await ask(url)
        } catch let error as TransportError {
            complain("The service does not answer on port \(port): \(error.detail)")
            throw ExitCode.failure
        } catch let error as UpstreamURLError {
            complain("MANAGEMENT_HOST \(host) cannot be asked: \(error.rawValue).")
            throw ExitCode.failure
        }
    }

    private func ask(_ url: UpstreamURL) async throws {
        let status = try await HealthQuestion.ask(url)
        guard status == .ok else {
            complain("The service answered \(status.code).")
            throw ExitCode.failure
        }
    }
}
