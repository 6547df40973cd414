import Graph
import TerminalText
import Transport

/// Records in columns, for people. It goes on: a column grows with what comes, and the heads stand above the first line.
package struct AuditTable: Sendable {
    static let heads = [
        "TIME", "CALLER", "KEY", "PROFILE", "KIND", "OPERATION", "VALIDITY", "OUTCOME", "CODE", "GRAPH REQUEST",
        "REQUEST",
    ]

    private var columns = TextColumns()
    private var hasHeads = false

    package init() {}

    /// The lines of the records that come next; none for none.
    package mutating func lines(_ records: [LedgerRecord]) -> [String] {
        guard !records.isEmpty else { return [] }
        let heads = hasHeads ? [] : [Self.heads]
        hasHeads = true
        return columns.lines(heads + records.map(Self.cells))
    }

    static func cells(_ record: LedgerRecord) -> [String] {
        [
            record.acceptedAt.rfc3339, record.caller, record.keyID ?? "-", record.profile.id.description,
            record.profile.kind.rawValue, record.operation.rawValue, record.validityInSeconds.map(validity) ?? "-",
            record.outcome.rawValue, record.result.code ?? "-", record.result.graphRequestID ?? "-", record.requestID,
        ].map(TerminalSafe.line)
    }

    /// As it is written in a setting, in the largest unit that fits.
    private static func validity(_ seconds: Int) -> String {
        let units = [(86_400, "d"), (3600, "h"), (60, "m")]
        guard seconds > 0, let unit = units.first(where: { seconds.isMultiple(of: $0.0) }) else { return "\(seconds)s" }
        return "\(seconds / unit.0)\(unit.1)"
    }
}
