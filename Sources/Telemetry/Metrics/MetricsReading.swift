/// What all metrics show at one moment.
package struct MetricsReading {
    struct Sample {
        var labels: SeriesLabels
        var value: Value

        enum Value {
            case number(Double)
            case histogram(bounds: [Double], HistogramSeries.Snapshot)
        }
    }

    private(set) var families: [String: (description: MetricDescription, samples: [Sample])] = [:]
    private let known: [String: MetricDescription]

    init(known: [String: MetricDescription]) { self.known = known }

    /// Adds one series of a metric that the service has described.
    ///
    /// - Parameters:
    ///   - label: which metric, as in ``MetricDescription/label``; an unknown one is a gauge.
    ///   - value: `nil` adds nothing: it is not known, and no number would be true.
    package mutating func add(_ label: String, _ value: Double?, _ dimensions: [(String, String)] = []) {
        guard let value else { return }
        let description = known[label] ?? MetricDescription(label, .gauge, "Looked up: \(label).")
        add(Sample(labels: SeriesLabels(dimensions), value: .number(value)), description)
    }

    mutating func add(_ family: Family) {
        for (labels, series) in family.series {
            let value: Sample.Value =
                switch series {
                case .counter(let counter): .number(counter.value)
                case .gauge(let gauge): .number(gauge.value)
                case .histogram(let histogram): .histogram(bounds: histogram.bounds, histogram.snapshot)
                }
            add(Sample(labels: labels, value: value), family.description)
        }
    }

    private mutating func add(_ sample: Sample, _ description: MetricDescription) {
        families[description.name, default: (description, [])].samples.append(sample)
    }
}
