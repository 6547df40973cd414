/// How far the gateway's own limit for writes is used up at one moment.
package struct PacingFill: Sendable, Equatable {
    /// So many writes may leave at once; `nil` without a limit.
    package let limit: Int?
    /// So many could leave now.
    package let available: Int?
    /// Those that wait for their permit of this gateway's.
    package let waiting: Int
    /// So long Graph has asked for quiet from now on; zero when it has not.
    package let closedFor: Duration
}

/// What waits in front of Graph at one moment.
package struct GraphBacklog: Sendable {
    package let pacing: PacingFill
    /// Requests that wait for the turn of their profile, in this gateway or among all that share the ledger.
    package let waitingForTurn: Int
    /// Those that wait for a permit, of this gateway's or under the limit that all share.
    package let waitingForPermit: Int
    /// Others use up the limit too. ``pacing`` knows nothing of them, nor of a pause that Graph asked of them.
    package let sharesLimit: Bool
}

extension EnrollmentTokens {
    package var backlog: GraphBacklog {
        let pacing = pacing.fill
        return GraphBacklog(
            pacing: pacing,
            waitingForTurn: turns.waitingCount + peerTurnWaits.value,
            waitingForPermit: pacing.waiting + peerPermitWaits.value,
            sharesLimit: peers?.sharesLimit ?? false
        )
    }
}
