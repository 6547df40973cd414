/// All series of one metric.
struct Family {
    enum Series {
        case counter(CounterSeries)
        case gauge(GaugeSeries)
        case histogram(HistogramSeries)
    }

    let description: MetricDescription
    private(set) var series: [SeriesLabels: Series] = [:]

    init(_ description: MetricDescription) { self.description = description }

    /// The one with these labels, made anew unless there are `limit` already; then it is `nil`.
    mutating func series(_ labels: SeriesLabels, limit: Int, make: () -> Series) -> Series? {
        if let present = series[labels] { return present }
        guard series.count < limit else { return nil }
        let new = make()
        series[labels] = new
        return new
    }
}

/// The labels of one series, in the form in which they are exposed: `code="rate-limited",outcome="not-created"`.
struct SeriesLabels: Hashable, Comparable {
    let text: String

    init(_ dimensions: [(String, String)]) {
        text = dimensions.map { (MetricDescription.exposed($0.0), $0.1) }
            .sorted { $0.0 < $1.0 }
            .map { "\($0.0)=\"\(Self.escaped($0.1))\"" }
            .joined(separator: ",")
    }

    static func < (left: SeriesLabels, right: SeriesLabels) -> Bool { left.text < right.text }

    /// As the text format asks for: a backslash before backslashes and quotation marks, `\n` for a line break.
    private static func escaped(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 == 0x5C || $0 == 0x22 || $0 == 0x0A }) else { return value }
        return value.reduce(into: "") { text, character in
            switch character {
            case "\\": text += "\\\\"
            case "\"": text += "\\\""
            case "\n", "\r\n": text += "\\n"
            default: text.append(character)
            }
        }
    }
}
