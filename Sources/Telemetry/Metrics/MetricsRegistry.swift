package import CoreMetrics
import Synchronization

/// All metrics of the process: what this service measures and what its libraries do, through swift-metrics.
///
/// Bounded: a metric has at most ``seriesLimit`` series and there are at most ``familyLimit`` metrics; what would be more is measured
/// nowhere and counted in `metrics_dropped_series_total`. So a label whose values come from outside can cost no more memory than that.
package final class MetricsRegistry: MetricsFactory {
    package static let seriesLimit = 2000
    package static let familyLimit = 200

    private struct State {
        var families: [String: Family] = [:]
        var sources: [@Sendable (inout MetricsReading) async -> Void] = []
    }

    private let known: [String: MetricDescription]
    private let state = Mutex(State())
    private let dropped = CounterSeries()

    /// - Parameter known: what the service measures. Others' metrics are described by their names alone.
    package init(_ known: [MetricDescription]) {
        self.known = Dictionary(known.map { ($0.label, $0) }) { first, _ in first }
    }

    /// `read` is asked at each exposition for what is not measured but looked up: the state of things at that moment.
    package func onRead(_ read: @escaping @Sendable (inout MetricsReading) async -> Void) {
        state.withLock { $0.sources.append(read) }
    }

    /// All series as they are now, metrics in the order of their names.
    package func read() async -> MetricsReading {
        let (families, sources) = state.withLock { (Array($0.families.values), $0.sources) }
        var reading = MetricsReading(known: known)
        for family in families { reading.add(family) }
        for source in sources { await source(&reading) }
        reading.add("metrics.dropped_series", dropped.value)
        return reading
    }

    // MARK: MetricsFactory

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        counter(label, dimensions)
    }

    package func makeFloatingPointCounter(label: String, dimensions: [(String, String)])
        -> any FloatingPointCounterHandler
    {
        counter(label, dimensions)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        gauge(label, dimensions)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate ? histogram(label, unit: "", dimensions) : gauge(label, dimensions)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        histogram(label, unit: "seconds", dimensions)
    }

    // A series stays: one that is gone between two readings would look as if it had never been.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    private func counter(_ label: String, _ dimensions: [(String, String)]) -> CounterSeries {
        let series = series(of: described(label, .counter), dimensions) { .counter(CounterSeries()) }
        if case .counter(let counter) = series { return counter }
        return CounterSeries()
    }

    private func gauge(_ label: String, _ dimensions: [(String, String)]) -> GaugeSeries {
        let series = series(of: described(label, .gauge), dimensions) { .gauge(GaugeSeries()) }
        if case .gauge(let gauge) = series { return gauge }
        return GaugeSeries()
    }

    private func histogram(_ label: String, unit: String, _ dimensions: [(String, String)]) -> HistogramSeries {
        let description = described(label, .histogram, unit: unit)
        let series = series(of: description, dimensions) { .histogram(HistogramSeries(bounds: description.buckets)) }
        if case .histogram(let histogram) = series { return histogram }
        return HistogramSeries(bounds: description.buckets)
    }

    private func described(_ label: String, _ kind: MetricDescription.Kind, unit: String = "") -> MetricDescription {
        known[label]
            ?? MetricDescription(
                label,
                kind,
                unit: unit,
                buckets: unit == "seconds" ? MetricDescription.durations : MetricDescription.sizes,
                "Measured by a library: \(label)."
            )
    }

    /// `nil` where there would be too many, or where the name stands for something of another kind.
    private func series(
        of description: MetricDescription,
        _ dimensions: [(String, String)],
        make: () -> Family.Series
    ) -> Family.Series? {
        let labels = SeriesLabels(dimensions)
        let series = state.withLock { state -> Family.Series? in
            if state.families[description.name] == nil {
                guard state.families.count < Self.familyLimit else { return nil }
                state.families[description.name] = Family(description)
            }
            guard state.families[description.name]?.description.kind == description.kind else { return nil }
            return state.families[description.name]?.series(labels, limit: Self.seriesLimit, make: make)
        }
        if series == nil { dropped.increment(by: Int64(1)) }
        return series
    }
}
