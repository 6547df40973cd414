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
    static let capacity = 100_000
    /// Tokens whose ends, or beginnings, lie no further apart than this could be taken for each other: well above the slack of
    /// ``ReadBackWindow``.
    static let confusable = Duration.seconds(15)

    private let epoch = ContinuousClock.now
    private let creations = Mutex<[ProfileReference: KeptCreation]>([:])

    /// The last creation, if this process made it or may have made it.
    func last(of profile: ProfileReference) -> Creation? {
        creations.withLock { $0[profile] }?.creation(since: epoch)
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
        let kept = KeptCreation(creation, since: epoch)
        creations.withLock { creations in
            if creations.count >= Self.capacity, creations[profile] == nil { creations.removeAll() }
            creations[profile] = kept
        }
    }

    /// The last creation is known to have come to nothing.
    func forget(_ profile: ProfileReference) {
        creations.withLock { $0[profile] = nil }
    }
}

/// A creation in a third of the space, since many may be kept: times in nanoseconds, and no optionals.
private struct KeptCreation {
    private let sent: Int64
    private let answered: Int64
    /// Seconds since 1970, or not a number where there is none.
    private let createdBefore: Double
    private let expiresBefore: Double
    /// Graph takes no longer one.
    private let validityInSeconds: Int32
    private let isCertain: Bool
    private let wasRead: Bool

    init(_ creation: CreationHistory.Creation, since epoch: ContinuousClock.Instant) {
        sent = (creation.sent - epoch).nanoseconds
        answered = (creation.answered - epoch).nanoseconds
        createdBefore = creation.before?.createdAt?.secondsSince1970 ?? .nan
        expiresBefore = creation.before?.expiresAt?.secondsSince1970 ?? .nan
        validityInSeconds = Int32(clamping: creation.validity.components.seconds)
        isCertain = creation.isCertain
        wasRead = creation.before != nil
    }

    func creation(since epoch: ContinuousClock.Instant) -> CreationHistory.Creation {
        CreationHistory.Creation(
            sent: epoch.advanced(by: .nanoseconds(sent)),
            answered: epoch.advanced(by: .nanoseconds(answered)),
            validity: .seconds(Int(validityInSeconds)),
            isCertain: isCertain,
            before: wasRead ? TokenTimes(createdAt: time(createdBefore), expiresAt: time(expiresBefore)) : nil
        )
    }

    private func time(_ seconds: Double) -> Timestamp? {
        seconds.isNaN ? nil : Timestamp(secondsSince1970: seconds)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
