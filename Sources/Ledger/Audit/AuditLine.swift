import Graph
import JSONText
import Transport

/// A record as one line of JSON: what `audit --json` writes, and the audit log. Its members are in docs/audit.md and stay.
package enum AuditLine {
    /// Without a line break.
    package static func text(_ record: LedgerRecord) -> String {
        var line = JSONObjectText()
        line.add("id", record.id.description)
        line.add("acceptedAt", time(record.acceptedAt))
        line.add("sentAt", record.sentAt.map(time))
        line.add("decidedAt", record.decidedAt.map(time))
        line.add("caller", record.caller)
        line.add("keyId", record.keyID)
        line.add("operation", record.operation.rawValue)
        line.add("profileId", record.profile.id.description)
        line.add("kind", record.profile.kind.rawValue)
        line.add("tokenValidityInSeconds", record.validityInSeconds)
        line.add("state", record.state.rawValue)
        line.add("outcome", record.outcome.rawValue)
        add(record.result, to: &line)
        line.add("requestId", record.requestID)
        line.add("idempotencyKeyDigest", record.keyDigest?.description)
        line.add("fingerprint", record.fingerprint.description)
        line.add("instance", record.instance.description)
        return line.text
    }

    private static func add(_ result: LedgerRecord.Result, to line: inout JSONObjectText) {
        line.add("code", result.code)
        line.add("evidence", result.evidence)
        line.add("tokenCreatedAt", result.tokenCreatedAt.map(time))
        line.add("tokenExpiresAt", result.tokenExpiresAt.map(time))
        line.add("graphRequestId", result.graphRequestID)
        if !result.graphRequestIDs.isEmpty { line.add("graphRequestIds", result.graphRequestIDs) }
        line.add("graphActivityId", result.graphActivityID)
        line.add("graphCode", result.graphCode)
    }

    /// A binary fraction may fall a little short of the millisecond that it stands for.
    private static func time(_ time: Timestamp) -> String {
        Timestamp(secondsSince1970: time.secondsSince1970 + 0.000_000_5).rfc3339Milliseconds
    }
}
