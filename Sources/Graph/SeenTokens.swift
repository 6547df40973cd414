import Synchronization

/// Which tokens this process has seen on a profile, and which of them it knows to have been replaced.
///
/// A profile never shows a token again once another has taken its place. A read that does so is late: what it shows is no
/// baseline, and proves nothing about a creation.
final class SeenTokens: Sendable {
    private struct Sights {
        var present: TokenState?
        /// When the first answer was here that showed it.
        var firstSeen = ContinuousClock.now
        /// The last ones, newest last.
        var replaced: [TokenState] = []

        mutating func replacePresent() {
            guard let present else { return }
            replaced.append(present)
            if replaced.count > SeenTokens.depth { replaced.removeFirst() }
            self.present = nil
        }
    }

    /// So many replaced tokens are remembered of each profile: more than come about while Graph lags.
    static let depth = 8
    /// Of so many profiles. Forgetting is safe as long as Graph does not lag.
    static let capacity = 10_000

    private let sights = Mutex<[ProfileReference: Sights]>([:])

    /// Notes what a read shows. Returns whether it is late.
    ///
    /// - Parameters:
    ///   - asked: when the read was asked for.
    ///   - answered: when its answer was here.
    func isLate(
        _ state: TokenState,
        of profile: ProfileReference,
        asked: ContinuousClock.Instant,
        answered: ContinuousClock.Instant
    ) -> Bool {
        // A profile can be without a token more than once.
        guard state.value != nil else { return false }
        return sights.withLock { sights in
            var own = sights[profile] ?? Sights()
            if own.replaced.contains(where: { $0.isSameToken(as: state) }) { return true }
            if let present = own.present, !present.isSameToken(as: state) {
                // Reads may overtake each other: only one that was asked for later shows something newer for sure.
                guard asked >= own.firstSeen else { return true }
                own.replacePresent()
            }
            if own.present == nil { own.firstSeen = answered }
            own.present = state.withoutQRCode
            if sights.count >= Self.capacity, sights[profile] == nil { sights.removeAll() }
            sights[profile] = own
            return false
        }
    }

    /// The same of a read.
    func isLate(_ read: GraphReader.Read<TokenState>, of profile: ProfileReference) -> Bool {
        isLate(read.value, of: profile, asked: read.asked, answered: read.answered)
    }

    /// Whether the profile showed this token already before `moment`: then no later creation made it.
    func wasSeen(_ state: TokenState, on profile: ProfileReference, before moment: ContinuousClock.Instant) -> Bool {
        sights.withLock { sights in
            guard let own = sights[profile], let present = own.present else { return false }
            return present.isSameToken(as: state) && own.firstSeen <= moment
        }
    }

    /// Graph has confirmed a creation or a revocation: whatever was seen before it was sent is replaced. What was seen first after
    /// that may be the new token.
    func replaced(on profile: ProfileReference, before sent: ContinuousClock.Instant) {
        sights.withLock { sights in
            guard let own = sights[profile], own.firstSeen <= sent else { return }
            sights[profile]?.replacePresent()
        }
    }
}
