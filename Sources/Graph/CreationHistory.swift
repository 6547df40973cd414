import Synchronization
import Transport

/// What this process knows of the token that a profile shows: the last one that it created there itself.
///
/// It answers one question: must the profile be read *before* a send, because what it shows then could be taken for the token
/// that is about to be created?
final class CreationHistory: Sendable {
    /// One creation by this process.
    struct Creation: Sendable, Equatable {
        var sent: ContinuousClock.Instant
        /// When the exchange ended, however it ended.
        var answered: ContinuousClock.Instant
        var validity: Duration
        /// Not certain is one whose outcome could not be found out: Graph may still be at work on it.
        var isCertain = true
        /// The times that the profile showed before it, where it was read.
        var before: TokenTimes?

        /// Whether `state` shows the token that this created.
        func isShown(by state: TokenState, on clock: GraphClock) -> Bool {
            if let before, before == TokenTimes(state) { return false }
            let end = isCertain ? answered : answered.advanced(by: CreationHistory.latest)
            return ReadBackWindow(sent: sent, ended: end, validity: validity).contains(state, on: clock)
        }
    }

    /// So long after its exchange ended, a creation that was not to be seen is no longer expected to appear.
    static let latest = Duration.seconds(60)

    /// Of so many profiles the last creation is kept. Forgetting is safe: it costs one read.
    static let capacity = 10_000
    /// Tokens whose ends, or beginnings, lie no further apart than this could be taken for each other: well above the slack of
    /// ``ReadBackWindow``.
    static let confusable = Duration.seconds(15)

    private let creations = Mutex<[ProfileReference: Creation]>([:])

    /// The last creation, if this process made it or may have made it.
    func last(of profile: ProfileReference) -> Creation? {
        creations.withLock { $0[profile] }
    }

    /// Whether a token that is created with `validity` within `span` from now could be confused with the one that the profile
    /// shows: because nothing certain is known of that one (another process may have created it this very second), because
    /// it is young, or because both would end at nearly the same time.
    func needsBaseline(
        for profile: ProfileReference,
        validity: Duration,
        now: ContinuousClock.Instant,
        span: Duration
    ) -> Bool {
        guard let last = last(of: profile), last.isCertain else { return true }
        if now - last.answered <= Self.confusable { return true }
        let earliestEnd = now.advanced(by: validity - Self.confusable)
        let latestEnd = now.advanced(by: validity + span + Self.confusable)
        return last.answered.advanced(by: last.validity) >= earliestEnd
            && last.sent.advanced(by: last.validity) <= latestEnd
    }

    func record(_ creation: Creation, of profile: ProfileReference) {
        creations.withLock { creations in
            if creations.count >= Self.capacity, creations[profile] == nil { creations.removeAll() }
            creations[profile] = creation
        }
    }

    /// The last creation is known to have come to nothing.
    func forget(_ profile: ProfileReference) {
        creations.withLock { $0[profile] = nil }
    }
}
