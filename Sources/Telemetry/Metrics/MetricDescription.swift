/// What is known of a metric before anything is measured: its unit, what it says, and how a distribution is divided.
package struct MetricDescription: Sendable, Equatable {
    package enum Kind: String, Sendable {
        case counter, gauge, histogram
    }

    /// In the words of this service, as swift-metrics has it: `http.server.request.duration`.
    package var label: String
    package var kind: Kind
    /// `seconds`, `bytes`, …; part of the exposed name, as Prometheus asks for. Empty for plain numbers.
    package var unit: String
    package var help: String
    /// Upper bounds, in `unit`, in rising order; the last one, which has none, is not among them.
    package var buckets: [Double]

    package init(
        _ label: String,
        _ kind: Kind,
        unit: String = "",
        buckets: [Double] = MetricDescription.durations,
        _ help: String
    ) {
        self.label = label
        self.kind = kind
        self.unit = unit
        self.buckets = kind == .histogram ? buckets : []
        self.help = help
    }

    /// From half a millisecond to the longest deadline, so that a median of some milliseconds and a 99th percentile of some seconds
    /// can both be told. In seconds.
    package static let durations = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

    /// For what is counted or weighed, of which nothing more is known.
    package static let sizes = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000.0]

    /// As Prometheus has it: `http_server_request_duration_seconds`, `…_total` for a counter.
    package var name: String {
        var name = Self.exposed(label)
        if !unit.isEmpty, !name.hasSuffix("_" + unit) { name += "_" + unit }
        if kind == .counter { name += "_total" }
        return name
    }

    /// `text` as a name or a label's name: letters, digits and underscores, the first one no digit.
    static func exposed(_ text: String) -> String {
        var name = String(
            text.unicodeScalars.map { scalar in
                scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                    ? Character(scalar) : "_"
            }
        )
        if name.first.map({ $0.isNumber }) ?? true { name = "_" + name }
        return name
    }
}
