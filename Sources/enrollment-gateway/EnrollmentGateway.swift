import ArgumentParser
import GatewayAPI

/// The gateway's command line.
struct EnrollmentGateway: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "enrollment-gateway",
        abstract: "Mints Android enrollment tokens in Microsoft Intune, one small right per caller.",
        discussion: """
            Settings are environment variables, listed in the README. A flag of the same name goes before a variable: \
            HTTP_PORT is --http-port. Secrets are never flags; NAME_FILE names a file that holds the secret NAME.
            """,
        version: GatewayVersion.text,
        subcommands: [
            ServeCommand.self, CheckCommand.self, DoctorCommand.self, ExplainCommand.self, KeysCommand.self,
            AuditCommand.self, HealthCommand.self,
        ]
    )
}
