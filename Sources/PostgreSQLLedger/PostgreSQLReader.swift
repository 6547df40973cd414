package import Ledger
package import Settings

/// Reads the ledger without being a gateway: over one connection, changing nothing, the tables included.
final class PostgreSQLReader: LedgerReading {
    /// A rare caller in millions of records may take a while to find.
    private static let statementLimit = Duration.seconds(30)

    private let lane: Lane

    init(_ url: Secret, limits: Limits = Limits()) throws(LedgerFault) {
        var limits = limits
        limits.statement = Self.statementLimit
        lane = Lane(.apart, connections: 1, limits: limits)
        let settings = [("default_transaction_read_only", "on")]
        try lane.open(Session(ServerAddress(url), limits, settings: settings, checksVersion: true))
    }

    deinit { lane.end() }

    func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int
    ) async throws(LedgerFault) -> [LedgerRecord] {
        try await lane.rows(filter.query(after: id, limit: limit)).map(Columns.record)
    }

    func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID? {
        try await lane.rows(filter.query(.position, after: nil, limit: count)).map { row throws(LedgerFault) in
            try row.id()
        }.first
    }
}

extension PostgreSQLLedger {
    /// Reads a ledger that gateways may be using at the same time; the role needs `SELECT` on its tables alone.
    ///
    /// - Throws: `refused` for what is no URL.
    package static func reader(url: Secret) throws(LedgerFault) -> some LedgerReading { try PostgreSQLReader(url) }
}
