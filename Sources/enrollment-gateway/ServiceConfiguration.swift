import CurlTransport
import Entra
import Foundation
import GatewayAPI
import Graph
import Settings
import Telemetry

/// All settings of the service, read once and checked together.
struct ServiceConfiguration {
    var gateway: GatewayConfiguration
    var graph: GraphConfiguration
    var entra: EntraConfiguration
    var curl: CurlConfiguration
    var log: LogConfiguration

    /// - Parameter flags: what followed the command.
    /// - Throws: ``SettingsError`` with every problem there is.
    static func read(flags: [String]) throws(SettingsError) -> ServiceConfiguration {
        let settings = SettingsReader(arguments: flags)
        let common = Common(settings)
        let entra = EntraConfiguration(settings, graphRoot: common.graph.baseURL)
        if common.gateway.apiKey == nil, !settings.isGiven("API_KEY") {
            settings.report(
                "API_KEY",
                "it is not set, and without a key nobody could call",
                fix: "Make one, for example with: openssl rand -hex 24"
            )
        }
        try settings.finish()
        guard let entra else { preconditionFailure("what is missing of the credential has been reported") }
        return common.configuration(entra: entra)
    }

    /// What is left to set when a sandbox is the tenant.
    ///
    /// - Throws: ``SettingsError``; also when a real tenant is configured, so that nobody believes to be talking to it.
    static func readForSandbox(flags: [String]) throws(SettingsError) -> Common {
        let settings = SettingsReader(arguments: flags)
        let common = Common(settings)
        for name in EntraConfiguration.credentialSettings + ["AZURE_AUTHORITY_HOST", "GRAPH_BASE_URL"]
        where settings.isGiven(name) {
            settings.report(name, "it belongs to a real tenant", fix: "Leave it out, or start without --sandbox")
        }
        try settings.finish()
        return common
    }

    /// The settings that have nothing to do with which tenant it is.
    struct Common {
        var gateway: GatewayConfiguration
        var graph: GraphConfiguration
        var curl: CurlConfiguration
        var log: LogConfiguration

        init(_ settings: SettingsReader) {
            log = LogConfiguration(settings)
            gateway = GatewayConfiguration(settings)
            graph = GraphConfiguration(settings)
            curl = CurlConfiguration(settings)
        }

        func configuration(entra: EntraConfiguration) -> ServiceConfiguration {
            ServiceConfiguration(gateway: gateway, graph: graph, entra: entra, curl: curl, log: log)
        }
    }
}

/// Says one thing on standard error.
func complain(_ text: String) { DescriptorSink.standardError.write(text) }
