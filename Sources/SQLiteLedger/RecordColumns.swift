import Foundation
import GRDB
import Graph
import Ledger
import Transport

extension LedgerRecord {
    static let resultColumns = [
        "code", "graph_request_ids", "graph_request_id", "graph_activity_id", "graph_code", "token_created_at",
        "token_expires_at", "evidence",
    ]

    /// In the order of ``arguments`` and of ``init(_:from:)``.
    static let columns =
        [
            "id", "operation", "caller", "key_id", "profile", "kind", "validity", "request_id", "key_digest",
            "fingerprint", "instance", "state", "accepted_at", "sent_at", "decided_at", "work_ends",
            "send_earliest", "send_latest", "send_is_graphs_time", "before", "before_created_at",
            "before_expires_from", "before_expires_to",
        ] + resultColumns

    /// In one literal, which is the fastest way to make them.
    var arguments: StatementArguments {
        let before = TokenBeforeColumns(send?.before)
        return [
            Data(id.bytes), operation.rawValue, caller, keyID, Data(profile.id.bytes), profile.kind.rawValue,
            validityInSeconds, requestID, keyDigest.map { Data($0.bytes) }, Data(fingerprint.bytes),
            Data(instance.bytes), state.rawValue, acceptedAt.microseconds, sentAt?.microseconds,
            decidedAt?.microseconds, workEnds?.microseconds,
            send?.earliest.microseconds, send?.latest.microseconds, send?.isGraphsTime,
            before.word, before.createdAt?.microseconds,
            before.expiresFrom?.microseconds, before.expiresTo?.microseconds,
            result.code, result.ids, result.graphRequestID, result.graphActivityID, result.graphCode,
            result.tokenCreatedAt?.microseconds, result.tokenExpiresAt?.microseconds, result.evidence,
        ]
    }

    /// State, end and what came of it, and then the id.
    func settlement(decidedAt: Timestamp?) -> StatementArguments {
        [
            state.rawValue, decidedAt?.microseconds,
            result.code, result.ids, result.graphRequestID, result.graphActivityID, result.graphCode,
            result.tokenCreatedAt?.microseconds, result.tokenExpiresAt?.microseconds, result.evidence,
            Data(id.bytes),
        ]
    }
}

extension LedgerRecord.Result {
    fileprivate var ids: String? { graphRequestIDs.isEmpty ? nil : graphRequestIDs.joined(separator: "\n") }
}

extension Timestamp {
    /// Since 1970.
    var microseconds: Int64 { Int64((secondsSince1970 * 1e6).rounded()) }

    init(microseconds: Int64) { self.init(secondsSince1970: Double(microseconds) / 1e6) }
}
