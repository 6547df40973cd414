package import CoreMetrics
import Synchronization

/// The dimensions of one series, as a value that costs little to look up.
package protocol MetricLabels: Hashable, Sendable {
    /// Names and values, in the order of the metric's description.
    var dimensions: [(String, String)] { get }
}

/// The series of one metric, kept at hand: swift-metrics makes a series from its dimensions each time that it is asked, which is too
/// much for each request.
package final class LabelledMetrics<Labels: MetricLabels, Metric: Sendable>: Sendable {
    /// More are not kept at hand. Who makes the series bounds how many there are.
    package static var limit: Int { 4096 }

    private let make: @Sendable (Labels) -> Metric
    private let series = Mutex<[Labels: Metric]>([:])

    init(_ make: @escaping @Sendable (Labels) -> Metric) { self.make = make }

    /// - Parameter bound: makes of labels that are new those that they count as.
    subscript(_ labels: Labels, bound: ((inout Labels) -> Void)? = nil) -> Metric {
        if let present = series.withLock({ $0[labels] }) { return present }
        if let bound {
            var labels = labels
            bound(&labels)
            return self[labels]
        }
        let new = make(labels)
        return series.withLock { series in
            if let present = series[labels] { return present }
            if series.count < Self.limit { series[labels] = new }
            return new
        }
    }
}

package typealias LabelledTimers<Labels: MetricLabels> = LabelledMetrics<Labels, Timer>
package typealias LabelledCounters<Labels: MetricLabels> = LabelledMetrics<Labels, Counter>

extension LabelledMetrics where Metric == Timer {
    /// A distribution of durations.
    package convenience init(_ label: String, in factory: any MetricsFactory) {
        self.init { Timer(label: label, dimensions: $0.dimensions, factory: factory) }
    }

    /// - Parameter bound: makes of labels that are new those that they count as: values come from outside, and there are only so many
    ///   series.
    package func record(_ duration: Duration, _ labels: Labels, bounding bound: ((inout Labels) -> Void)? = nil) {
        self[labels, bound].record(duration)
    }
}

extension Timer {
    package func record(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}

extension LabelledMetrics where Metric == Counter {
    package convenience init(_ label: String, in factory: any MetricsFactory) {
        self.init { Counter(label: label, dimensions: $0.dimensions, factory: factory) }
    }

    package func count(_ labels: Labels) { self[labels].increment() }

    /// Makes the series of all these, at zero: a rise from nothing to one is seen only by who has seen nothing.
    package func show(_ all: some Sequence<Labels>) { for labels in all { _ = self[labels] } }
}

/// For a metric with one dimension.
package struct OneLabel: MetricLabels {
    private let name: String
    private let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    package var dimensions: [(String, String)] { [(name, value)] }
}
