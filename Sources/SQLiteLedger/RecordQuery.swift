import Foundation
import GRDB
import Graph
import Ledger
import Transport

/// A key that the file has.
struct KeptKey: Sendable {
    var fingerprint: Digest
    var record: LedgerRecord?

    /// `nil` where it is free.
    static func fetch(of claim: KeyClaim, at now: Timestamp, in database: Database) throws -> KeptKey? {
        let row = try Row.fetchOne(
            database.cachedStatement(sql: LedgerSQL.key),
            arguments: [claim.caller, Data(claim.digest.bytes), now.microseconds]
        )
        guard let row else { return nil }
        guard let fingerprint = Data.fromDatabaseValue(row[0]).flatMap({ Digest(bytes: $0) }) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
        let record = row.hasNull(atIndex: 1) ? nil : try RecordRow.record(row, from: 1)
        return KeptKey(fingerprint: fingerprint, record: record)
    }
}

/// What is asked of the records.
enum RecordQuery {
    /// So many writes are told of at most.
    private static let writeLimit = 64

    static func record(_ id: RecordID, in database: Database) throws -> LedgerRecord? {
        try fetch(LedgerSQL.record, [Data(id.bytes)], in: database).first
    }

    static func newest(_ limit: Int, in database: Database) throws -> [LedgerRecord] {
        try fetch(LedgerSQL.newest, [limit], in: database)
    }

    static func orphans(
        notOf instance: RecordID,
        at now: Timestamp,
        limit: Int,
        in database: Database
    ) throws -> [LedgerRecord] {
        try fetch(LedgerSQL.orphans, [Data(instance.bytes), now.microseconds, limit], in: database)
    }

    static func writes(
        on profile: ProfileReference,
        within span: Duration,
        at now: Timestamp,
        in database: Database
    ) throws -> [PastWrite] {
        let (id, kind) = (Data(profile.id.bytes), profile.kind.rawValue)
        var records = try fetch(LedgerSQL.lastCreation, [id, kind], in: database)
        records += try fetch(LedgerSQL.lastRevocation, [id, kind], in: database)
        let certain = Set(records.map(\.id))
        let recent = try fetch(
            LedgerSQL.sentSince,
            [id, kind, (now - span).microseconds, writeLimit],
            in: database
        )
        records += recent.filter { !certain.contains($0.id) }.prefix(writeLimit - records.count)
        return records.compactMap { PastWrite($0, at: now) }
            .sorted { ($1.sentAgo, $0.record.id) < ($0.sentAgo, $1.record.id) }
    }

    /// Walks along the ids, unless an index of what is looked for says more.
    static func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int,
        in database: Database
    ) throws -> [LedgerRecord] {
        var (conditions, arguments) = matching(filter)
        if let id {
            conditions.append("id > ?")
            arguments.append(Data(id.bytes))
        }
        let columns = LedgerRecord.columns.joined(separator: ", ")
        let sql = "SELECT \(columns) FROM records \(condition(conditions)) ORDER BY id LIMIT ?"
        return try fetch(sql, StatementArguments(arguments + [limit]), in: database)
    }

    /// See ``LedgerReading/position(beforeLast:_:)``.
    static func position(beforeLast count: Int, _ filter: LedgerFilter, in database: Database) throws -> RecordID? {
        let (conditions, arguments) = matching(filter)
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: "SELECT id FROM records \(condition(conditions)) ORDER BY id DESC LIMIT 1 OFFSET ?"
            ),
            arguments: StatementArguments(arguments + [count])
        )
        return row.flatMap { Data.fromDatabaseValue($0[0]) }.flatMap { RecordID(bytes: $0) }
    }

    private static func condition(_ conditions: [String]) -> String {
        conditions.isEmpty ? "" : "WHERE " + conditions.joined(separator: " AND ")
    }

    private static func matching(_ filter: LedgerFilter) -> ([String], [any DatabaseValueConvertible]) {
        var conditions: [String] = []
        var arguments: [any DatabaseValueConvertible] = []
        func add(_ condition: String, _ argument: any DatabaseValueConvertible) {
            conditions.append(condition)
            arguments.append(argument)
        }
        if let caller = filter.caller { add("caller = ?", caller) }
        if let profile = filter.profile { add("profile = ?", Data(profile.bytes)) }
        if let kind = filter.kind { add("kind = ?", kind.rawValue) }
        if let since = filter.since { add("accepted_at >= ?", since.microseconds) }
        if let outcome = filter.outcome { conditions.append(condition(of: outcome)) }
        return (conditions, arguments)
    }

    private static func condition(of outcome: LedgerRecord.Outcome) -> String {
        let (states, operation) = outcome.meaning
        // Also of one: for `=` SQLite would go through the whole index of certain writes and sort it.
        let isInState = "state IN (\(states.map { "'\($0.rawValue)'" }.joined(separator: ", ")))"
        return operation.map { "\(isInState) AND operation = '\($0.rawValue)'" } ?? isInState
    }

    private static func fetch(
        _ sql: String,
        _ arguments: StatementArguments,
        in database: Database
    ) throws -> [LedgerRecord] {
        let rows = try Row.fetchCursor(database.cachedStatement(sql: sql), arguments: arguments)
        var records: [LedgerRecord] = []
        while let row = try rows.next() { records.append(try RecordRow.record(row)) }
        return records
    }
}

extension PastWrite {
    /// `nil` where it was not sent. A clock that was set back makes nothing younger than now.
    fileprivate init?(_ record: LedgerRecord, at now: Timestamp) {
        guard let sentAt = record.sentAt else { return nil }
        self.init(
            record: record,
            sentAgo: max(.zero, now - sentAt),
            decidedAgo: record.decidedAt.map { max(.zero, now - $0) }
        )
    }
}
