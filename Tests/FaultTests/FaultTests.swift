import Foundation
import TestSupport
import Testing

/// Every fault, against the gateway as it is: router, Graph's client, libcurl, TLS. The fake Graph counts what it sees.
@Suite("Faults of Graph's side", .timeLimit(.minutes(10)))
struct FaultTests {
    @Test("each row comes to what the design demands", arguments: FaultRow.all.indices)
    func row(index: Int) async throws {
        let report = try await FaultTable.reports.value[index]
        let wanted = report.row.expected
        #expect(
            report.seen == wanted,
            "\(report.row.testDescription)\nseen:   \(report.seen.summary)\nwanted: \(wanted.summary)"
        )
        #expect(report.breaches.isEmpty, "\(report.row.testDescription)")
    }

    @Test("no row has two requests that may have been acted upon, nor two tokens")
    func atMostOnce() async throws {
        for report in try await FaultTable.reports.value {
            #expect(report.isSafe, "\(report.row.testDescription): \(report.mostActedUpon), \(report.mostTokens)")
        }
    }

    @Test("docs/faults.md is what was seen; UPDATE_FAULTS=1 writes it")
    func document() async throws {
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/faults.md")
            .standardized
        let text = FaultDocument.text(try await FaultTable.reports.value)
        if ProcessInfo.processInfo.environment["UPDATE_FAULTS"] == "1" {
            try text.write(to: file, atomically: true, encoding: .utf8)
        }
        let written = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        let difference = text.split(separator: "\n").difference(from: written.split(separator: "\n"))
        let lines = difference.map { change in
            switch change {
            case .remove(_, let line, _): "- \(line)"
            case .insert(_, let line, _): "+ \(line)"
            }
        }
        #expect(text == written, "run `make faults` to write docs/faults.md anew:\n\(lines.joined(separator: "\n"))")
    }
}
