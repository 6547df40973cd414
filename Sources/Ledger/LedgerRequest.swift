package import Graph
import Transport

/// A request that may change something, as the ledger sees it.
package struct LedgerRequest: Sendable {
    package var operation: LedgerRecord.Operation
    package var caller: String
    package var keyID: String?
    package var profile: ProfileReference
    /// What Graph will be asked for; `nil` for a revocation.
    package var validityInSeconds: Int?
    /// What the caller wrote of it, `nil` where it left it out: two requests are the same if the caller wrote the same.
    package var askedValidity: Int?
    package var askedReuse: Int?
    package var requestID: String
    /// As the caller sent it; only its digest is kept.
    package var idempotencyKey: String?

    package init(
        operation: LedgerRecord.Operation,
        caller: String,
        keyID: String?,
        profile: ProfileReference,
        validityInSeconds: Int? = nil,
        askedValidity: Int? = nil,
        askedReuse: Int? = nil,
        requestID: String,
        idempotencyKey: String? = nil
    ) {
        self.operation = operation
        self.caller = caller
        self.keyID = keyID
        self.profile = profile
        self.validityInSeconds = validityInSeconds
        self.askedValidity = askedValidity
        self.askedReuse = askedReuse
        self.requestID = requestID
        self.idempotencyKey = idempotencyKey
    }

    /// Of all that decides what the request does, and of nothing that only decides how it is answered.
    var fingerprint: Digest {
        let parts = [
            operation.rawValue, profile.kind.rawValue, profile.id.description,
            askedValidity.map(String.init) ?? "-", askedReuse.map(String.init) ?? "-",
        ]
        return Digest(of: parts.joined(separator: "\n"))
    }

    func record(_ id: RecordID, by instance: RecordID, at time: Timestamp) -> LedgerRecord {
        LedgerRecord(
            id: id,
            operation: operation,
            caller: caller,
            keyID: keyID,
            profile: profile,
            validityInSeconds: validityInSeconds,
            requestID: requestID,
            keyDigest: idempotencyKey.map { Digest(of: $0) },
            fingerprint: fingerprint,
            instance: instance,
            acceptedAt: time
        )
    }
}
