package import Entra
package import Settings
import Transport

extension GraphConfiguration {
    /// Reads `GRAPH_BASE_URL`, `GRAPH_DEADLINE` and `GRAPH_WRITE_LIMIT`; what is wrong is noted in `settings`.
    ///
    /// - Parameter cloud: whose Graph it is where no URL is given.
    package init(_ settings: SettingsReader, cloud: Cloud = .global) {
        let limit = settings.rate("GRAPH_WRITE_LIMIT", default: SettingRate(WriteLimit.default), mayBeOff: true)
        self.init(
            baseURL: settings.upstreamURL("GRAPH_BASE_URL") ?? Self.baseURL(in: cloud),
            deadline: settings.duration("GRAPH_DEADLINE", default: Self.defaultDeadline, in: Self.deadlineRange),
            writeLimit: limit.map { WriteLimit(count: $0.count, interval: $0.interval) }
        )
        if baseURL.query != nil || baseURL.path.isEmpty {
            settings.report(
                "GRAPH_BASE_URL",
                "it has no version after its host, or it has a query",
                fix: "Give a URL such as \(Self.baseURL(in: cloud))"
            )
        }
    }
}

extension SettingRate {
    fileprivate init(_ limit: WriteLimit) { self.init(count: limit.count, interval: limit.interval) }
}
