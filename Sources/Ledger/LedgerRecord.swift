package import Graph
package import Transport

/// What the ledger keeps of one request that may change something: who asked for what, and what came of it.
///
/// Never a token, a QR code or a key.
package struct LedgerRecord: Sendable, Equatable {
    package enum Operation: String, Sendable, CaseIterable {
        case create
        case revoke
    }

    /// `accepted` → `sent` → one of the others. `accepted` and those that were decided without a send are never `sent`; `unknown` may
    /// become decided later.
    package enum State: String, Sendable, CaseIterable {
        /// Taken, and nothing was sent yet.
        case accepted
        /// It may have left. Unless somebody is at work on it, only Graph knows what came of it.
        case sent
        case created
        case revoked
        /// Nothing was created because the present token is good enough.
        case reused
        /// Certain: nothing was created, or revoked.
        case refused
        /// Even reading the profile could not tell.
        case unknown

        /// Whether anything may still change.
        package var isDecided: Bool {
            switch self {
            case .created, .revoked, .reused, .refused: true
            case .accepted, .sent, .unknown: false
            }
        }
    }

    package var id: RecordID
    package var operation: Operation
    package var caller: String
    /// `nil` for the one key that has no id.
    package var keyID: String?
    package var profile: ProfileReference
    /// `nil` for a revocation.
    package var validityInSeconds: Int?
    package var requestID: String
    /// `nil` where the caller sent no Idempotency-Key.
    package var keyDigest: Digest?
    package var fingerprint: Digest
    /// Which process took it.
    package var instance: RecordID

    package var state: State
    /// On the store's clock, as the next three.
    package var acceptedAt: Timestamp
    package var sentAt: Timestamp?
    package var decidedAt: Timestamp?
    /// From then on nobody is at work on it any more. `nil` where it was not sent.
    package var workEnds: Timestamp?
    /// `nil` where it was not sent.
    package var send: SendFacts?
    package var result: Result

    /// What is known of what came of it.
    package struct Result: Sendable, Equatable {
        /// The problem's code, where a caller was told of a problem.
        package var code: String?
        /// Graph's ids of the requests on the way, in order.
        package var graphRequestIDs: [String] = []
        /// Of the answer that decided: Graph's request id, its activity id, its error code.
        package var graphRequestID: String?
        package var graphActivityID: String?
        package var graphCode: String?
        package var tokenCreatedAt: Timestamp?
        package var tokenExpiresAt: Timestamp?
        /// How a creation is known: ``CreatedToken/Evidence``.
        package var evidence: String?

        package init() {}
    }

    package init(
        id: RecordID,
        operation: Operation,
        caller: String,
        keyID: String?,
        profile: ProfileReference,
        validityInSeconds: Int?,
        requestID: String,
        keyDigest: Digest?,
        fingerprint: Digest,
        instance: RecordID,
        acceptedAt: Timestamp,
        state: State = .accepted,
        result: Result = Result()
    ) {
        self.id = id
        self.operation = operation
        self.caller = caller
        self.keyID = keyID
        self.profile = profile
        self.validityInSeconds = validityInSeconds
        self.requestID = requestID
        self.keyDigest = keyDigest
        self.fingerprint = fingerprint
        self.instance = instance
        self.acceptedAt = acceptedAt
        self.state = state
        self.result = result
    }
}
