package import Graph
package import KeyRing
package import Transport

/// One request of a caller that was answered, as it is shown to the operator. Nothing secret is in it: neither the query nor any field
/// or body of the request.
package struct RequestSummary: Sendable {
    package static let mostAttempts = 64

    package var requestID: String
    /// When its head was read; of one that the edge refused, when its first byte came.
    package var startedAt: Timestamp
    /// From there to its answer.
    package var duration: Duration
    /// From a closed list; `none` where not even that could be read.
    package var method: String
    /// The route's pattern; `nil` for a path that is none.
    package var route: String?
    package var status: Int
    /// Of whom the key is, where it is one, be it refused.
    package var caller: String?
    package var keyID: KeyID?
    package var profileID: String?
    /// The problem's code.
    package var code: String?
    package var outcome: String?
    /// In the ledger.
    package var recordID: String?
    package var isReplay = false
    /// The caller hung up before its answer was ready.
    package var callerLeft = false
    /// What it waited for, in order.
    package var waits: [Wait] = []
    /// What was asked of Graph, in order; of more than ``mostAttempts`` the last ones.
    package var attempts: [Attempt] = []

    /// The gateway refused it by itself: nothing was asked of Graph, and no failure was waited for.
    var isOwnRefusal: Bool { attempts.isEmpty && (status >= 500 ? waits.isEmpty : status >= 400) }

    /// Something that it waited for, for a millisecond or more.
    package struct Wait: Sendable, Equatable {
        /// From a closed list: `turn`, `pacing`, `access-token`, `pause`, `ledger`.
        package var step: String
        /// Since the request's start.
        package var offset: Duration
        package var duration: Duration

        package init(step: String, offset: Duration, duration: Duration) {
            self.step = step
            self.offset = offset
            self.duration = duration
        }
    }

    package struct Attempt: Sendable, Equatable {
        package var attempt: GraphAttempt
        /// Since the request's start.
        package var offset: Duration

        package init(_ attempt: GraphAttempt, offset: Duration) {
            self.attempt = attempt
            self.offset = offset
        }
    }

    package init(
        requestID: String,
        startedAt: Timestamp,
        duration: Duration,
        method: String,
        route: String?,
        status: Int
    ) {
        self.requestID = requestID
        self.startedAt = startedAt
        self.duration = duration
        self.method = method
        self.route = route
        self.status = status
    }
}
