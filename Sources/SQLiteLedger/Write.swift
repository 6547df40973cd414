import Foundation
import GRDB
import Ledger
import Transport

/// Something that changes the file.
enum Write: Sendable {
    case begin(Begin)
    case settle(Settlement)
    case prune(age: Duration, limit: Int)
    case probe

    /// Whether it has to survive a loss of power once it was answered.
    var needsPowerSafety: Bool {
        switch self {
        case .begin, .probe: true
        case .settle, .prune: false
        }
    }

    /// - Returns: how many records and keys were deleted, or outcomes written; or why this one alone was not written.
    func run(in database: Database, at now: Timestamp) throws -> Result<Int, LedgerFault> {
        switch self {
        case .begin(let begin): return try begin.run(in: database, at: now)
        case .settle(let settlement): return .success(try settlement.run(in: database, at: now) ? 1 : 0)
        case .prune(let age, let limit):
            return .success(try Pruning.run(before: now - age, limit: limit, in: database, at: now))
        case .probe: try database.cachedStatement(sql: LedgerSQL.probe).execute(arguments: [now.microseconds])
        }
        return .success(0)
    }
}

/// A request that is about to be sent.
struct Begin: Sendable {
    var record: LedgerRecord
    var acceptedAgo: Duration
    var work: Duration
    /// `nil` where its key was not claimed here.
    var keyExpires: Timestamp?

    func run(in database: Database, at now: Timestamp) throws -> Result<Int, LedgerFault> {
        let workEnds = now + work
        if let digest = record.keyDigest {
            // One that comes late must not take a key again that was given back.
            guard try !isSettled(in: database) else { return .failure(.isSettled) }
            // While somebody is at work on it, its key is not free.
            let expires = max(keyExpires ?? workEnds, workEnds)
            try database.cachedStatement(sql: LedgerSQL.keepKey).execute(
                arguments: record.keyArguments(digest, expires: expires, now: now)
            )
            guard database.changesCount == 1 else { return .failure(.keyIsTaken) }
        }
        var record = record
        record.state = .sent
        (record.acceptedAt, record.sentAt, record.workEnds) = (now - acceptedAgo, now, workEnds)
        record.decidedAt = nil
        try database.cachedStatement(sql: LedgerSQL.begin).execute(arguments: record.arguments)
        guard database.changesCount == 1 else {
            return .failure(.isSettled)
        }
        return .success(0)
    }

    private func isSettled(in database: Database) throws -> Bool {
        let statement = try database.cachedStatement(sql: LedgerSQL.settled)
        return try Row.fetchOne(statement, arguments: [Data(record.id.bytes)]) != nil
    }
}

/// What came of a request.
struct Settlement: Sendable {
    var record: LedgerRecord
    var acceptedAgo: Duration
    var key: KeyFate

    /// - Returns: whether it was written; if not, it was decided before.
    func run(in database: Database, at now: Timestamp) throws -> Bool {
        let decidedAt = record.state.isDecided ? now : nil
        try database.cachedStatement(sql: LedgerSQL.settle).execute(arguments: record.settlement(decidedAt: decidedAt))
        if database.changesCount == 0 {
            var record = record
            (record.acceptedAt, record.decidedAt) = (now - acceptedAgo, decidedAt)
            (record.sentAt, record.workEnds) = (nil, nil)
            try database.cachedStatement(sql: LedgerSQL.insertUnlessThere).execute(arguments: record.arguments)
            // It was decided before, and its key with it.
            guard database.changesCount == 1 else { return false }
        }
        guard let digest = record.keyDigest else { return true }
        switch key {
        case .kept(let lifetime):
            try database.cachedStatement(sql: LedgerSQL.keepKey).execute(
                arguments: record.keyArguments(digest, expires: now + lifetime, now: now)
            )
        case .released:
            try database.cachedStatement(sql: LedgerSQL.releaseKey).execute(
                arguments: [record.caller, Data(digest.bytes), Data(record.id.bytes)]
            )
        }
        return true
    }
}

/// The deletion of what is too old.
enum Pruning {
    /// - Returns: how many records, and how many keys whose lifetime was over.
    static func run(before end: Timestamp, limit: Int, in database: Database, at now: Timestamp) throws -> Int {
        let old = try Row.fetchAll(
            database.cachedStatement(sql: LedgerSQL.oldRecords),
            arguments: [end.microseconds, limit]
        )
        for row in old {
            // Without its record a key would say nothing.
            try database.cachedStatement(sql: LedgerSQL.releaseKey).execute(arguments: [row[1], row[2], row[3]])
            try database.cachedStatement(sql: LedgerSQL.deleteRecord).execute(arguments: [row[0]])
        }
        try database.cachedStatement(sql: LedgerSQL.deleteKeys).execute(arguments: [now.microseconds, limit])
        return old.count + database.changesCount
    }
}

extension LedgerRecord {
    fileprivate func keyArguments(_ digest: Digest, expires: Timestamp, now: Timestamp) -> StatementArguments {
        [
            caller, Data(digest.bytes), Data(fingerprint.bytes), Data(id.bytes), expires.microseconds,
            now.microseconds,
        ]
    }
}
