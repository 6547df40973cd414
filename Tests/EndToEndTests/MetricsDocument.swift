import Foundation

/// The metrics of a running service as a table for people, in `docs/metrics.md` between two marks.
struct MetricsDocument {
    struct Metric {
        var name: String
        var kind = ""
        var help = ""
        var labels: Set<String> = []
    }

    static let begin = "<!-- The tests write this table from a running service (`make metrics`). -->"
    static let end = "<!-- The end of the table. -->"

    private(set) var metrics: [Metric] = []

    /// - Parameter text: as it is exposed.
    init(_ text: String) {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 3)
            if line.hasPrefix("# HELP ") {
                metrics.append(Metric(name: String(words[2]), help: String(words[3])))
            } else if line.hasPrefix("# TYPE ") {
                metrics[metrics.count - 1].kind = String(words[3])
            } else if let brace = line.firstIndex(of: "{") {
                let names = line[brace...].matches(of: /[{,]([a-z_]+)="/).map { String($0.1) }
                metrics[metrics.count - 1].labels.formUnion(names.filter { $0 != "le" })
            }
        }
    }

    /// Adds what another service shows beyond it.
    mutating func add(_ other: MetricsDocument) {
        metrics += other.metrics.filter { metric in !metrics.contains { $0.name == metric.name } }
        metrics.sort { $0.name < $1.name }
    }

    var table: String {
        let rows = metrics.map { metric in
            let labels = metric.labels.sorted().map { "`\($0)`" }.joined(separator: ", ")
            return "| `\(metric.name)` | \(metric.kind) | \(labels) | \(metric.help) |"
        }
        return (["| Metric | Kind | Labels | What it says |", "|---|---|---|---|"] + rows).joined(separator: "\n")
    }

    /// `document` with this table in the place of its own.
    func written(into document: String) -> String {
        guard let begin = document.range(of: Self.begin), let end = document.range(of: Self.end) else {
            return document
        }
        return document[..<begin.upperBound] + "\n\n" + table + "\n\n" + document[end.lowerBound...]
    }
}
