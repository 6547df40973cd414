/// How far the gateway's own limit for writes is used up at one moment.
package struct PacingFill: Sendable, Equatable {
    /// So many writes may leave at once; `nil` without a limit.
    package let limit: Int?
    /// So many could leave now.
    package let available: Int?
    /// Those that wait for their permit.
    package let waiting: Int
    /// So long Graph has asked for quiet from now on; zero when it has not.
    package let closedFor: Duration
}

/// What waits in front of Graph at one moment.
package struct GraphBacklog: Sendable {
    package let pacing: PacingFill
    /// Requests that wait for the turn of their profile.
    package let waitingForTurn: Int
}

extension EnrollmentTokens {
    package var backlog: GraphBacklog { GraphBacklog(pacing: pacing.fill, waitingForTurn: turns.waitingCount) }
}
