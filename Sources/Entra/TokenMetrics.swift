import CoreMetrics
import Metering

/// What is measured of fetching access tokens; the metric is that of all requests upstream.
struct TokenMetrics: Sendable {
    private struct Labels: MetricLabels {
        var status: String
        var dimensions: [(String, String)] { [("operation", "access-token"), ("status", status)] }
    }

    private let fetches: LabelledTimers<Labels>

    init(_ factory: any MetricsFactory) { fetches = LabelledTimers("gateway.upstream.request.duration", in: factory) }

    func fetched(in duration: Duration, error: EntraError?) {
        fetches.record(duration, Labels(status: error?.reason.rawValue ?? "200"))
    }
}
