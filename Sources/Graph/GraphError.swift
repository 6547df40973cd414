package import Entra
package import Transport

/// Why a request to Graph did not do what was asked.
package struct GraphError: Error, Sendable {
    /// What happened, from a closed list.
    package enum Kind: Sendable {
        /// There is no access token.
        case credential(EntraError)
        /// 401, also with a fresh access token.
        case unauthorized
        case forbidden
        case profileNotFound
        case conflict
        /// 400 or 422: Graph does not accept what was asked.
        case refused
        /// 429, or our own pacing, and the deadline leaves no time to wait.
        case throttled
        /// The profile's turn does not come inside the deadline.
        case profileBusy
        /// Not connected, not resolved, not trusted, or refused unread.
        case unreachable
        /// Any other answer, and no answer where reading back says that nothing happened.
        case failed
        /// A read that was not answered in time, or no time left to send after it.
        case timedOut
        /// Sent, and even reading back could not tell what came of it.
        case outcomeUnknown
        /// The ledger did not take it, so that nothing was sent.
        case notRecorded
        /// Of profiles there are more than are listed.
        case tooManyProfiles
        /// Too much is under way already.
        case overloaded
        /// This service is stopping, or the caller is gone.
        case unavailable
    }

    /// What came of a request that changes something.
    package enum Outcome: String, Sendable {
        case notCreated = "not-created"
        case notRevoked = "not-revoked"
        case unknown
    }

    package var kind: Kind
    /// `nil` for a read.
    package var outcome: Outcome?
    /// When asking again makes sense, where that is known.
    package var retryAfter: Duration?
    package var fault: GraphFault?
    /// The transport's last error, where there was no answer.
    package var transportError: TransportError?
    /// What was asked of Graph on the way, in order.
    package var attempts: [GraphAttempt]

    package init(
        _ kind: Kind,
        outcome: Outcome?,
        retryAfter: Duration? = nil,
        fault: GraphFault? = nil,
        transportError: TransportError? = nil,
        attempts: [GraphAttempt] = []
    ) {
        self.kind = kind
        self.outcome = outcome
        self.retryAfter = retryAfter
        self.fault = fault
        self.transportError = transportError
        self.attempts = attempts
    }
}

extension GraphError {
    /// The same with what was asked of Graph on the way.
    func noting(_ attempts: [GraphAttempt]) -> GraphError {
        var error = self
        error.attempts = attempts
        return error
    }
}

/// One request to Graph and what came back.
package struct GraphAttempt: Sendable, Equatable {
    package enum Operation: String, Sendable {
        case createToken = "create-token"
        case revokeToken = "revoke-token"
        case readProfile = "read-profile"
        case listProfiles = "list-profiles"
    }

    /// What a request is sent for.
    package enum Purpose: String, Sendable {
        /// To change something.
        case send
        /// The same again: after it provably was not done, or where doing it twice has the effect of once.
        case retry
        /// To know what was there before something is changed.
        case baseline
        /// To know whether something was changed.
        case readBack = "read-back"
        /// To show what was created.
        case representation
        /// Because a caller asks.
        case read
    }

    package var operation: Operation
    package var purpose: Purpose
    /// Which one it is of those that were made for one request, from 1.
    package var number: Int
    package var startedAt: ContinuousClock.Instant
    /// Ours, which Graph's support finds it by where there is no ``requestID``.
    package var clientRequestID: String
    /// `nil`: no answer.
    package var status: Int?
    /// Graph's own.
    package var requestID: String?
    package var error: TransportError.Kind?
    package var duration: Duration

    package init(
        operation: Operation,
        purpose: Purpose,
        number: Int,
        startedAt: ContinuousClock.Instant,
        clientRequestID: String,
        status: Int?,
        requestID: String?,
        error: TransportError.Kind?,
        duration: Duration
    ) {
        self.operation = operation
        self.purpose = purpose
        self.number = number
        self.startedAt = startedAt
        self.clientRequestID = clientRequestID
        self.status = status
        self.requestID = requestID
        self.error = error
        self.duration = duration
    }
}
