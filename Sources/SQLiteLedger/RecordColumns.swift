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

    var arguments: StatementArguments {
        let request: [(any DatabaseValueConvertible)?] = [
            Data(id.bytes), operation.rawValue, caller, keyID, Data(profile.id.bytes), profile.kind.rawValue,
            validityInSeconds, requestID, keyDigest.map { Data($0.bytes) }, Data(fingerprint.bytes),
            Data(instance.bytes), state.rawValue, acceptedAt.microseconds, sentAt?.microseconds,
            decidedAt?.microseconds, workEnds?.microseconds,
        ]
        return StatementArguments(request + sendValues + result.values)
    }

    private var sendValues: [(any DatabaseValueConvertible)?] {
        guard let send else { return Array(repeating: nil, count: 7) }
        let facts: [(any DatabaseValueConvertible)?] = [
            send.earliest.microseconds, send.latest.microseconds, send.isGraphsTime,
        ]
        return switch send.before {
        case .unknown: facts + ["unknown", nil, nil, nil]
        case .none: facts + ["none", nil, nil, nil]
        case .token(let createdAt, let from, let to):
            facts + ["token", createdAt?.microseconds, from?.microseconds, to?.microseconds]
        }
    }
}

extension LedgerRecord.Result {
    var values: [(any DatabaseValueConvertible)?] {
        [
            code, graphRequestIDs.isEmpty ? nil : graphRequestIDs.joined(separator: "\n"), graphRequestID,
            graphActivityID, graphCode, tokenCreatedAt?.microseconds, tokenExpiresAt?.microseconds, evidence,
        ]
    }
}

extension Timestamp {
    /// Since 1970.
    var microseconds: Int64 { Int64((secondsSince1970 * 1e6).rounded()) }

    init(microseconds: Int64) { self.init(secondsSince1970: Double(microseconds) / 1e6) }
}
