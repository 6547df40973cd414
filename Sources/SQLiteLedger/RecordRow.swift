import Foundation
import GRDB
import Graph
import Ledger
import Transport

/// A row that begins with ``LedgerRecord/columns`` at a place.
struct RecordRow {
    private let row: Row
    private var place: Int

    /// Reads a record off a row.
    ///
    /// - Parameter place: of its first column.
    /// - Throws: `SQLITE_CORRUPT` for what no version has written.
    static func record(_ row: Row, from place: Int = 0) throws -> LedgerRecord {
        var reading = RecordRow(row: row, place: place)
        return try reading.record()
    }

    private mutating func record() throws -> LedgerRecord {
        var record = LedgerRecord(
            id: try bytes(RecordID.init(bytes:)),
            operation: try word(LedgerRecord.Operation.init(rawValue:)),
            caller: try needed(next()),
            keyID: next(),
            profile: try profile(),
            validityInSeconds: next(),
            requestID: try needed(next()),
            keyDigest: try digest(),
            fingerprint: try bytes(Digest.init(bytes:)),
            instance: try bytes(RecordID.init(bytes:)),
            acceptedAt: .now
        )
        record.state = try word(LedgerRecord.State.init(rawValue:))
        record.acceptedAt = try needed(time())
        record.sentAt = time()
        record.decidedAt = time()
        record.workEnds = time()
        record.send = try send()
        record.result = result()
        return record
    }

    private mutating func profile() throws -> ProfileReference {
        let id = try bytes(ProfileID.init(bytes:))
        return ProfileReference(kind: try word(ProfileKind.init(rawValue:)), id: id)
    }

    private mutating func send() throws -> SendFacts? {
        let (earliest, latest, isGraphsTime) = (time(), time(), next() as Bool?)
        let before = TokenBeforeColumns(word: next(), createdAt: time(), expiresFrom: time(), expiresTo: time())
        guard let earliest else { return nil }
        return SendFacts(
            earliest: earliest,
            latest: try needed(latest),
            isGraphsTime: try needed(isGraphsTime),
            before: try needed(before.before)
        )
    }

    private mutating func result() -> LedgerRecord.Result {
        var result = LedgerRecord.Result()
        result.code = next()
        let ids: String? = next()
        result.graphRequestIDs = ids?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init) ?? []
        result.graphRequestID = next()
        result.graphActivityID = next()
        result.graphCode = next()
        result.tokenCreatedAt = time()
        result.tokenExpiresAt = time()
        result.evidence = next()
        return result
    }

    private mutating func digest() throws -> Digest? {
        guard let bytes: Data = next() else { return nil }
        return try needed(Digest(bytes: bytes))
    }

    /// `nil` for what is of another type, too: a damaged file must not end the process.
    private mutating func next<Value: DatabaseValueConvertible>() -> Value? {
        defer { place += 1 }
        return Value.fromDatabaseValue(row[place])
    }

    private mutating func time() -> Timestamp? { (next() as Int64?).map { Timestamp(microseconds: $0) } }

    private mutating func bytes<Value>(_ read: (Data) -> Value?) throws -> Value { try needed(next().flatMap(read)) }

    private mutating func word<Value>(_ read: (String) -> Value?) throws -> Value { try needed(next().flatMap(read)) }

    private func needed<Value>(_ value: Value?) throws -> Value {
        guard let value else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
        return value
    }
}
