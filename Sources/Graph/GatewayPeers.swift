/// What gateways that serve the same tenant have to agree on, and what each of them, or this one before it was started anew, has
/// done a moment ago.
package protocol GatewayPeers: Sendable {
    /// Whether there is a limit of writes that they share.
    var sharesLimit: Bool { get }

    /// Waits for the profile's turn among all of them. At most one has it at a time; it ends by itself at `end`.
    ///
    /// - Returns: the writes to the profile by others that this process may not know, oldest first.
    /// - Throws: when it does not come before `deadline`.
    func beginTurn(
        of profile: ProfileReference,
        before deadline: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) async throws(PeerRefusal) -> [PeerWrite]

    func endTurn(of profile: ProfileReference) async

    /// Waits until one more write may leave under the limit that all of them share.
    ///
    /// - Throws: as soon as it is known that this is not before `deadline`.
    func permit(before deadline: ContinuousClock.Instant) async throws(PeerRefusal)

    /// Nothing leaves for `duration`, from any of them.
    func close(for duration: Duration) async
}

/// Why peers did not agree.
package enum PeerRefusal: Error, Sendable, Equatable {
    /// Others have the profile's turn for too long.
    case busy
    /// The shared limit is used up for so long.
    case throttled(Duration)
    /// What they share cannot be reached.
    case unreachable
    case cancelled
}

/// A write by another process.
package struct PeerWrite: Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        case creation(validity: Duration)
        case revocation
    }

    package var kind: Kind
    /// On this process's clock.
    package var sent: ContinuousClock.Instant
    /// When what came of it was known; where it is not, until when somebody may have been at work on it.
    package var answered: ContinuousClock.Instant
    /// Whether it is certain to have been done.
    package var isCertain: Bool

    package init(
        kind: Kind,
        sent: ContinuousClock.Instant,
        answered: ContinuousClock.Instant,
        isCertain: Bool
    ) {
        self.kind = kind
        self.sent = sent
        self.answered = answered
        self.isCertain = isCertain
    }
}
