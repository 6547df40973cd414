package import Graph
package import Ledger
import Transport

extension PostgreSQLLedger {
    /// Who had a profile's turn is forgotten after so long without one.
    private static let turnLife = Duration.seconds(7 * 86_400)

    package func orphans(limit: Int) async throws(LedgerFault) -> [LedgerRecord] {
        try await quick.rows(Query(.orphans, [.integer(limit)])).map(Columns.record)
    }

    package func record(_ id: RecordID) async throws(LedgerFault) -> LedgerRecord? {
        try await quick.rows(Query(.record, [.id(id)])).map(Columns.record).first
    }

    package func writes(
        on profile: ProfileReference,
        within span: Duration
    ) async throws(LedgerFault) -> [PastWrite] {
        let values: [Value] = [.text(profile.kind.rawValue), .uuid(profile.id.bytes), .interval(span)]
        let writes = try await quick.rows(Query(.writes, values)).map { row throws(LedgerFault) in
            PastWrite(
                record: try Columns.record(&row),
                sentAgo: max(.zero, .microseconds(try row.integer())),
                decidedAgo: try row.integerIfAny().map { max(.zero, .microseconds($0)) }
            )
        }
        return Self.newest(writes, 64)
    }

    /// The last creation and the last revocation are among them, however old they are.
    private static func newest(_ writes: [PastWrite], _ count: Int) -> [PastWrite] {
        let certain = [LedgerRecord.State.created, .revoked].compactMap { state in
            writes.lastIndex { $0.record.state == state }
        }
        let rest = writes.indices.filter { !certain.contains($0) }.suffix(count - certain.count)
        return (certain + rest).sorted().map { writes[$0] }
    }

    package func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int
    ) async throws(LedgerFault) -> [LedgerRecord] {
        try await quick.rows(filter.query(after: id, limit: limit)).map(Columns.record)
    }

    package func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID? {
        try await quick.rows(filter.query(.position, after: nil, limit: count)).map { row throws(LedgerFault) in
            try row.id()
        }.first
    }

    package func prune(olderThan age: Duration, limit: Int) async throws(LedgerFault) -> Int {
        _ = try await quick.rows(Query(.pruneTurns, [.interval(Self.turnLife), .integer(limit)]))
        var count = 0
        for query in [Query(.pruneKeys, [.integer(limit)]), Query(.prune, [.interval(age), .integer(limit)])] {
            guard var row = try await quick.rows(query).first else { throw .malformed }
            count += try row.integer()
        }
        return count
    }
}

extension LedgerFilter {
    /// A record's id tells when its gateway took the request. Gateways whose clocks are further off cannot talk to Entra.
    private static let clockError = Duration.seconds(86_400)

    func query(_ statement: Statement = .records, after id: RecordID?, limit: Int) -> Query {
        let meaning = outcome?.meaning
        // The ids spare what is too old a look.
        let least = since.map { RecordID.least(at: $0 - Self.clockError) }
        return Query(
            statement,
            [
                .id([id, least].compactMap(\.self).max()), .text(caller), .uuid(profile?.bytes), .text(kind?.rawValue),
                .time(since), .text(meaning?.states.first?.rawValue), .text(meaning?.states.last?.rawValue),
                .text(meaning?.operation?.rawValue), .integer(limit),
            ]
        )
    }
}
