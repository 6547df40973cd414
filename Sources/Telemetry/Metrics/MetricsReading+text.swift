extension MetricsReading {
    /// The media type of ``text``.
    package static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    /// Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
    package var text: String {
        var text = ""
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text += "# HELP \(name) \(Self.escaped(family.description.help))\n"
            text += "# TYPE \(name) \(family.description.kind.rawValue)\n"
            for sample in family.samples.sorted(by: { $0.labels < $1.labels }) { sample.write(name, to: &text) }
        }
        return text
    }

    private static func escaped(_ help: String) -> String {
        help.replacing("\\", with: "\\\\").replacing("\n", with: "\\n")
    }
}

extension MetricsReading.Sample {
    fileprivate func write(_ name: String, to text: inout String) {
        switch value {
        case .number(let number):
            text += name + (labels.text.isEmpty ? "" : "{\(labels.text)}") + " \(Self.text(number))\n"
        case .histogram(let bounds, let snapshot):
            let common = labels.text.isEmpty ? "" : labels.text + ","
            var count: UInt64 = 0
            for (bound, own) in zip(bounds + [.infinity], snapshot.counts) {
                count += own
                text += "\(name)_bucket{\(common)le=\"\(Self.text(bound))\"} \(count)\n"
            }
            let suffix = labels.text.isEmpty ? "" : "{\(labels.text)}"
            text += "\(name)_sum\(suffix) \(Self.text(snapshot.sum))\n\(name)_count\(suffix) \(count)\n"
        }
    }

    private static func text(_ number: Double) -> String {
        if number == .infinity { return "+Inf" }
        if number == -.infinity { return "-Inf" }
        if number.isNaN { return "NaN" }
        return number == number.rounded() && abs(number) < 1e15 ? "\(Int64(number))" : "\(number)"
    }
}
