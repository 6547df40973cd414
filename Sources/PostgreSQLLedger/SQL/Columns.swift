import Graph
import Ledger
import Transport

/// A record as a row of its table.
enum Columns {
    private static let all: [(name: String, type: ValueType)] = [
        ("id", .uuid), ("operation", .text), ("caller", .text), ("key_id", .text), ("profile_kind", .text),
        ("profile_id", .uuid), ("validity_seconds", .integer), ("request_id", .text), ("key_digest", .bytes),
        ("fingerprint", .bytes), ("instance", .uuid), ("state", .text),
        ("send_earliest", .time), ("send_latest", .time), ("send_is_graphs_time", .bool), ("before", .text),
        ("before_created_at", .time), ("before_expires_from", .time), ("before_expires_to", .time),
        ("code", .text), ("graph_request_ids", .texts), ("graph_request_id", .text), ("graph_activity_id", .text),
        ("graph_code", .text), ("token_created_at", .time), ("token_expires_at", .time), ("evidence", .text),
    ]

    /// Those that are handed in, and their parameters, which are a statement's first; the store's own times are not among them.
    static let names = all.map(\.name).joined(separator: ", ")
    static let types = all.map(\.type)
    static let parameters = all.indices.map { "$\($0 + 1)" }.joined(separator: ", ")

    /// Everything of a record `r`, for ``record(_:)``.
    static let read =
        all.map { "r.\($0.name)" }.joined(separator: ", ") + ", r.accepted_at, r.sent_at, r.decided_at, r.work_ends"

    /// - Parameter state: what is written as its state.
    static func values(_ record: LedgerRecord, state: LedgerRecord.State) -> [Value] {
        let result = record.result
        return [
            .id(record.id), .text(record.operation.rawValue), .text(record.caller), .text(record.keyID),
            .text(record.profile.kind.rawValue), .uuid(record.profile.id.bytes), .integer(record.validityInSeconds),
            .text(record.requestID), .digest(record.keyDigest), .digest(record.fingerprint), .id(record.instance),
            .text(state.rawValue),
        ] + values(record.send) + [
            .text(result.code), .texts(result.graphRequestIDs), .text(result.graphRequestID),
            .text(result.graphActivityID), .text(result.graphCode), .time(result.tokenCreatedAt),
            .time(result.tokenExpiresAt), .text(result.evidence),
        ]
    }

    private static func values(_ send: SendFacts?) -> [Value] {
        let before = TokenBeforeColumns(send?.before)
        return [
            .time(send?.earliest), .time(send?.latest), .bool(send?.isGraphsTime), .text(before.word),
            .time(before.createdAt), .time(before.expiresFrom), .time(before.expiresTo),
        ]
    }

    /// Reads what ``read`` asks for.
    static func record(_ row: inout Row) throws(LedgerFault) -> LedgerRecord {
        var record = LedgerRecord(
            id: try row.id(),
            operation: try row.word(),
            caller: try row.text(),
            keyID: row.textIfAny(),
            profile: try profile(&row),
            validityInSeconds: try row.integerIfAny(),
            requestID: try row.text(),
            keyDigest: row.bytesIfAny().flatMap { Digest(bytes: $0) },
            fingerprint: try row.digest(),
            instance: try row.id(),
            acceptedAt: Timestamp(secondsSince1970: 0),
            state: try row.word()
        )
        record.send = try send(&row)
        record.result = try result(&row)
        record.acceptedAt = try row.time()
        record.sentAt = try row.timeIfAny()
        record.decidedAt = try row.timeIfAny()
        record.workEnds = try row.timeIfAny()
        return record
    }

    private static func profile(_ row: inout Row) throws(LedgerFault) -> ProfileReference {
        let kind: ProfileKind = try row.word()
        guard let id = ProfileID(bytes: try row.bytes()) else { throw .malformed }
        return ProfileReference(kind: kind, id: id)
    }

    private static func send(_ row: inout Row) throws(LedgerFault) -> SendFacts? {
        let (earliest, latest) = (try row.timeIfAny(), try row.timeIfAny())
        let isGraphsTime = try row.boolIfAny()
        let columns = TokenBeforeColumns(
            word: row.textIfAny(),
            createdAt: try row.timeIfAny(),
            expiresFrom: try row.timeIfAny(),
            expiresTo: try row.timeIfAny()
        )
        guard let earliest else { return nil }
        guard let latest, let isGraphsTime, let before = columns.before else { throw .malformed }
        return SendFacts(earliest: earliest, latest: latest, isGraphsTime: isGraphsTime, before: before)
    }

    private static func result(_ row: inout Row) throws(LedgerFault) -> LedgerRecord.Result {
        var result = LedgerRecord.Result()
        result.code = row.textIfAny()
        result.graphRequestIDs = try row.texts()
        result.graphRequestID = row.textIfAny()
        result.graphActivityID = row.textIfAny()
        result.graphCode = row.textIfAny()
        result.tokenCreatedAt = try row.timeIfAny()
        result.tokenExpiresAt = try row.timeIfAny()
        result.evidence = row.textIfAny()
        return result
    }
}

extension LedgerFault {
    /// A row that this gateway did not write.
    static let malformed = LedgerFault(
        .corrupt,
        "a row of the ledger's tables is not as the gateway writes it",
        fix: "Restore the schema \(Schema.name) from a backup, or rename it: the gateway then begins a new one"
    )
}
