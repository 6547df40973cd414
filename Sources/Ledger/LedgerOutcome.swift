package import Graph
import Transport

/// What came of a request, as it is put on record.
package struct LedgerOutcome: Sendable {
    package var state: LedgerRecord.State
    package var result: LedgerRecord.Result
    /// Whether the same request would end the same way again: then a repetition under its Idempotency-Key is not run.
    package var isFinal: Bool

    package init(_ minting: TokenMinting) {
        isFinal = true
        switch minting {
        case .created(let token):
            state = .created
            result = .init(token.attempts)
            result.graphRequestID = token.graphRequestID
            result.tokenCreatedAt = token.createdAt
            result.tokenExpiresAt = token.expiresAt
            result.evidence = token.evidence.rawValue
        case .present(let token):
            state = .reused
            result = .init(token.attempts)
            result.tokenCreatedAt = token.createdAt
            result.tokenExpiresAt = token.expiresAt
        }
    }

    /// - Parameter revocation: what was asked of Graph for it.
    package init(revocation attempts: [GraphAttempt]) {
        isFinal = true
        state = .revoked
        result = .init(attempts)
        result.graphRequestID = attempts.last { $0.operation == .revokeToken }?.requestID
    }

    /// - Parameters:
    ///   - code: what the caller is told.
    ///   - isFinal: `false` where a repetition may end otherwise.
    package init(_ error: GraphError, code: String, isFinal: Bool) {
        state = error.outcome == .unknown ? .unknown : .refused
        // An unknown one is never run again.
        self.isFinal = isFinal || state == .unknown
        result = .init(error.attempts)
        result.code = code
        result.graphRequestID = error.fault?.requestID
        result.graphActivityID = error.fault?.activityID
        result.graphCode = error.fault?.code
    }
}

extension LedgerRecord.Result {
    /// More than this are not kept: a request makes about ten at most, but waiting for a lagging profile may take more.
    private static let mostRequestIDs = 32

    fileprivate init(_ attempts: [GraphAttempt]) {
        self.init()
        graphRequestIDs = Array(attempts.compactMap(\.requestID).suffix(Self.mostRequestIDs))
    }
}
