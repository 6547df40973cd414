package import Settings
package import Transport

/// Microsoft's clouds. Each has an authority and a Graph of its own, and tokens of one are nothing in another.
///
/// After Microsoft's page "National cloud deployments" of Graph and "Microsoft Entra authentication and national clouds".
package enum Cloud: String, Sendable, CaseIterable {
    case global
    /// US Government L4 (GCC High).
    case usGov = "us-gov"
    /// US Government L5 (DoD).
    case usGovDoD = "us-gov-dod"
    /// China, operated by 21Vianet.
    case china

    /// Reads `GRAPH_CLOUD`; what is wrong is noted in `settings`.
    package init(_ settings: SettingsReader) { self = settings.choice("GRAPH_CLOUD", default: Cloud.global) }

    package var authority: UpstreamURL {
        switch self {
        case .global: try! UpstreamURL("https://login.microsoftonline.com")
        case .usGov, .usGovDoD: try! UpstreamURL("https://login.microsoftonline.us")
        case .china: try! UpstreamURL("https://login.partner.microsoftonline.cn")
        }
    }

    /// Graph's root without a version.
    package var graph: UpstreamURL {
        switch self {
        case .global: try! UpstreamURL("https://graph.microsoft.com")
        case .usGov: try! UpstreamURL("https://graph.microsoft.us")
        case .usGovDoD: try! UpstreamURL("https://dod-graph.microsoft.us")
        case .china: try! UpstreamURL("https://microsoftgraph.chinacloudapi.cn")
        }
    }

    /// The clouds that a host of Microsoft's belongs to; empty for one that is not known.
    static func clouds(ofAuthority host: String) -> Set<Cloud> {
        switch host {
        case "login.microsoftonline.com", "login.microsoft.com", "login.windows.net", "sts.windows.net": [.global]
        case "login.microsoftonline.us", "login.usgovcloudapi.net": [.usGov, .usGovDoD]
        case "login.partner.microsoftonline.cn", "login.chinacloudapi.cn": [.china]
        default: []
        }
    }

    static func clouds(ofGraph host: String) -> Set<Cloud> {
        switch host {
        case "graph.microsoft.com", "canary.graph.microsoft.com": [.global]
        case "graph.microsoft.us": [.usGov]
        case "dod-graph.microsoft.us": [.usGovDoD]
        case "microsoftgraph.chinacloudapi.cn": [.china]
        default: []
        }
    }

    /// Notes in `settings` where authority, Graph root and `GRAPH_CLOUD` are known to belong to different clouds.
    static func check(authority: UpstreamURL, graph: UpstreamURL, chosen: Cloud, in settings: SettingsReader) {
        let ofAuthority = clouds(ofAuthority: authority.host)
        let ofGraph = clouds(ofGraph: graph.host)
        if !ofAuthority.isEmpty, !ofGraph.isEmpty, ofAuthority.isDisjoint(with: ofGraph) {
            settings.report(
                settings.isGiven("GRAPH_BASE_URL") ? "GRAPH_BASE_URL" : "AZURE_AUTHORITY_HOST",
                "\(authority.host) (Entra) and \(graph.host) (Graph) belong to different clouds",
                fix:
                    "Choose one with GRAPH_CLOUD (\(names(ofAuthority)) for that authority, \(names(ofGraph)) for that Graph)"
            )
        } else if settings.isGiven("GRAPH_CLOUD") {
            for (name, host, clouds) in [
                ("AZURE_AUTHORITY_HOST", authority.host, ofAuthority), ("GRAPH_BASE_URL", graph.host, ofGraph),
            ] where !clouds.isEmpty && !clouds.contains(chosen) {
                settings.report(
                    name,
                    "\(host) belongs to the cloud \(names(clouds)), but GRAPH_CLOUD is \(chosen.rawValue)",
                    fix: "Leave one of them out"
                )
            }
        }
    }

    private static func names(_ clouds: Set<Cloud>) -> String {
        allCases.filter(clouds.contains).map(\.rawValue).joined(separator: " or ")
    }
}
