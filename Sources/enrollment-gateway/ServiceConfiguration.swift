import CurlTransport
import Entra
import Foundation
import GatewayAPI
import Graph
import KeyRing
import Ledger
import Settings
import Telemetry

/// All settings of the service, read once and checked together.
struct ServiceConfiguration {
    var gateway: GatewayConfiguration
    var graph: GraphConfiguration
    var access: AccessConfiguration
    var curl: CurlConfiguration
    var ledger: LedgerConfiguration
    var log: LogConfiguration
    /// `METRICS`: whether anything is measured.
    var measures: Bool
    var traces: TraceConfiguration

    /// - Parameters:
    ///   - flags: what followed the command.
    ///   - forCallers: whether callers will come, who need keys.
    /// - Throws: ``SettingsError`` with every problem there is.
    static func read(flags: [String], forCallers: Bool = true) throws(SettingsError) -> ServiceConfiguration {
        let settings = SettingsReader(arguments: flags)
        var common = Common(settings)
        let access = AccessConfiguration(settings, graphRoot: common.graph.baseURL, cloud: common.cloud)
        if forCallers {
            common.gateway.readFiles(settings)
            common.gateway.keys.checkOpens(settings)
        }
        try settings.finish()
        guard let access else { preconditionFailure("what is missing of the credential has been reported") }
        return common.configuration(access: access)
    }

    /// What is left to set when a sandbox is the tenant.
    ///
    /// - Throws: ``SettingsError``; also when a real tenant is configured, so that nobody believes to be talking to it.
    static func readForSandbox(flags: [String], forCallers: Bool = true) throws(SettingsError) -> Common {
        let settings = SettingsReader(arguments: flags)
        var common = Common(settings)
        if forCallers { common.gateway.readFiles(settings) }
        for name in AccessConfiguration.credentialSettings + ["GRAPH_CLOUD", "GRAPH_BASE_URL"]
        where settings.isGiven(name) {
            settings.report(name, "it belongs to a real tenant", fix: "Leave it out, or start without --sandbox")
        }
        try settings.finish()
        return common
    }

    /// The settings that have nothing to do with which tenant it is.
    struct Common {
        var gateway: GatewayConfiguration
        let cloud: Cloud
        var graph: GraphConfiguration
        var curl: CurlConfiguration
        var ledger: LedgerConfiguration
        /// Whether the place of the ledger is the operator's choice.
        let choosesLedger: Bool
        var log: LogConfiguration
        var measures: Bool
        var traces: TraceConfiguration

        init(_ settings: SettingsReader) {
            log = LogConfiguration(settings)
            measures = settings.flag("METRICS", default: true)
            gateway = GatewayConfiguration(settings)
            cloud = Cloud(settings)
            graph = GraphConfiguration(settings, cloud: cloud)
            curl = CurlConfiguration(settings)
            traces = TraceConfiguration(settings)
            if let (name, path) = traces.certificate { CurlConfiguration.check(path, givenBy: name, settings) }
            ledger = LedgerConfiguration(settings)
            choosesLedger = settings.isGiven("LEDGER_URL")
            // A creation that was sent must be finished and answered.
            if gateway.shutdownLimit < graph.deadline {
                settings.report(
                    "SHUTDOWN_LIMIT",
                    "it is shorter than GRAPH_DEADLINE, so that a stop would cut off creations that were sent",
                    fix: "Give \(graph.deadline) or more"
                )
            }
        }

        func configuration(access: AccessConfiguration) -> ServiceConfiguration {
            ServiceConfiguration(
                gateway: gateway,
                graph: graph,
                access: access,
                curl: curl,
                ledger: ledger,
                log: log,
                measures: measures,
                traces: traces
            )
        }
    }
}
