import Synchronization
import Transport

/// What this process has done to profiles: the creations and the revocation that Graph may not show yet, and its last creation.
///
/// It answers two questions. Must a profile be read *before* a send, because what it shows then could be taken for the token that
/// is about to be created? And is a read behind what was done?
final class ProfileHistory: Sendable {
    /// One creation by this process.
    struct Creation: Sendable, Equatable {
        var sent: ContinuousClock.Instant
        /// When the exchange ended, however it ended.
        var answered: ContinuousClock.Instant
        var validity: Duration
        /// Not certain is one whose outcome could not be found out: Graph may still be at work on it.
        var isCertain = true
        /// It was found to have come to nothing. Graph may have lagged.
        var isDenied = false
        /// Earlier ones of ours were not to be seen when it was sent, so that a read may still show them after it.
        var hasPending = false
        /// The times that the profile showed before it, where it was read.
        var before: TokenTimes?

        /// Whether `state` may show the token that this created.
        func isShown(by state: TokenState, on clock: GraphClock) -> Bool {
            let end = isCertain || isDenied ? answered : answered.advanced(by: ProfileHistory.latest)
            return isShown(by: state, on: clock, until: end)
        }

        /// The same, had Graph done it before its exchange ended.
        func isShownInTime(by state: TokenState, on clock: GraphClock) -> Bool {
            isShown(by: state, on: clock, until: answered)
        }

        /// Whether `state` cannot be told from the token that this created.
        func mayBeShown(by state: TokenState, on clock: GraphClock) -> Bool {
            guard isShownInTime(by: state, on: clock) else { return false }
            let latest = clock.latest(at: answered) + ReadBackWindow.narrowSlack
            return [state.createdAt, state.expiresAt.map { $0 - validity }].compactMap(\.self).allSatisfy {
                $0 <= latest
            }
        }

        /// Whether `state` shows that a token was ended after this was created: by our `revocation`, whose look saw it, or by whatever.
        func isOver(by state: TokenState, on clock: GraphClock, revocation: Revocation? = nil) -> Bool {
            guard state.value == nil else { return false }
            if let covers = revocation?.covers, sent <= covers { return true }
            guard let end = state.expiresAt else { return false }
            return end >= clock.latest(at: sent)
        }

        private func isShown(by state: TokenState, on clock: GraphClock, until end: ContinuousClock.Instant) -> Bool {
            if let before, before == TokenTimes(state) { return false }
            return ReadBackWindow(sent: sent, ended: end, validity: validity).contains(state, on: clock)
        }
    }

    /// A revocation that was done.
    struct Revocation: Sendable, Equatable {
        var sent: ContinuousClock.Instant
        var answered: ContinuousClock.Instant
        /// The creation whose token the profile showed before it: that one and those before it are over with it.
        var covers: ContinuousClock.Instant?
    }

    /// All that is known of one profile.
    struct Record: Sendable {
        /// Oldest first.
        var creations: [Creation] = []
        var revocation: Revocation?

        /// The creations that Graph may not show yet at `moment`.
        func recent(at moment: ContinuousClock.Instant) -> [Creation] {
            creations.filter { moment - $0.answered <= ProfileHistory.latest }
        }
    }

    /// So long after its exchange ended, a write that was not to be seen is no longer expected to appear.
    static let latest = Duration.seconds(60)

    /// Of so many profiles something is kept. Forgetting is safe where Graph does not lag: it costs one read.
    static let capacity = 100_000
    /// Of one profile no more creations than this are kept.
    static let depth = 32
    /// Tokens whose ends, or beginnings, lie no further apart than this could be taken for each other: well above the slack of
    /// ``ReadBackWindow``.
    static let confusable = Duration.seconds(15)

    private let epoch = ContinuousClock.now
    private let records = Mutex<[ProfileReference: KeptRecord]>([:])

    func record(of profile: ProfileReference) -> Record {
        records.withLock { $0[profile] }?.record(since: epoch) ?? Record()
    }

    /// Whether a token that is created with `validity` within `span` from now could be confused with one that the profile
    /// shows: because nothing certain is known of that one (another process may have created it this very second), because
    /// it is young, or because both would end at nearly the same time.
    func needsBaseline(
        for profile: ProfileReference,
        validity: Duration,
        now: ContinuousClock.Instant,
        span: Duration
    ) -> Bool {
        let record = record(of: profile)
        guard let last = record.creations.last, last.isCertain, now - last.answered > Self.confusable else {
            return true
        }
        // After a revocation, what the profile shows is not that creation.
        if let revocation = record.revocation, revocation.answered >= last.answered { return true }
        let earliestEnd = now.advanced(by: validity - Self.confusable)
        let latestEnd = now.advanced(by: validity + span + Self.confusable)
        return (record.recent(at: now) + [last]).contains { creation in
            !creation.isCertain
                || creation.answered.advanced(by: creation.validity) >= earliestEnd
                    && creation.sent.advanced(by: creation.validity) <= latestEnd
        }
    }

    /// Notes a creation, or what has become known of the one that was sent last.
    func record(_ creation: Creation, of profile: ProfileReference) {
        let kept = KeptCreation(creation, since: epoch)
        change(profile) { record in
            guard let last = record.last, last.sent != kept.sent else {
                record.last = kept
                return
            }
            // The one before the last is what a lagging read may show, where that was not read.
            record.earlier.append(last)
            let limit = kept.sent - Self.latest.nanoseconds
            record.earlier.removeAll { $0.answered < limit && ($0.sent != last.sent || kept.wasRead) }
            if record.earlier.count >= Self.depth { record.earlier.removeFirst() }
            record.last = kept
        }
    }

    func record(_ revocation: Revocation, of profile: ProfileReference) {
        let kept = KeptRevocation(
            sent: (revocation.sent - epoch).nanoseconds,
            answered: (revocation.answered - epoch).nanoseconds,
            covers: revocation.covers.map { ($0 - epoch).nanoseconds } ?? .min
        )
        change(profile) { $0.revocation = kept }
    }

    private func change(_ profile: ProfileReference, _ body: (inout KeptRecord) -> Void) {
        records.withLock { records in
            if records.count >= Self.capacity, records[profile] == nil { records.removeAll() }
            body(&records[profile, default: KeptRecord()])
        }
    }
}

/// A record in less space, since many may be kept.
private struct KeptRecord {
    var last: KeptCreation?
    var earlier: [KeptCreation] = []
    var revocation: KeptRevocation?

    func record(since epoch: ContinuousClock.Instant) -> ProfileHistory.Record {
        ProfileHistory.Record(
            creations: (earlier + [last].compactMap(\.self)).map { $0.creation(since: epoch) },
            revocation: revocation.map {
                .init(
                    sent: epoch.advanced(by: .nanoseconds($0.sent)),
                    answered: epoch.advanced(by: .nanoseconds($0.answered)),
                    covers: $0.covers == .min ? nil : epoch.advanced(by: .nanoseconds($0.covers))
                )
            }
        )
    }
}

private struct KeptRevocation {
    var sent: Int64
    var answered: Int64
    /// The least number where there is none.
    var covers: Int64
}

/// A creation in a third of the space: times in nanoseconds, and no optionals.
private struct KeptCreation {
    let sent: Int64
    let answered: Int64
    /// Seconds since 1970, or not a number where there is none.
    private let createdBefore: Double
    private let expiresBefore: Double
    private let valueBefore: Int
    /// Graph takes no longer one.
    private let validityInSeconds: Int32
    private let isCertain: Bool
    private let isDenied: Bool
    private let hasPending: Bool
    let wasRead: Bool

    init(_ creation: ProfileHistory.Creation, since epoch: ContinuousClock.Instant) {
        sent = (creation.sent - epoch).nanoseconds
        answered = (creation.answered - epoch).nanoseconds
        createdBefore = creation.before?.createdAt?.secondsSince1970 ?? .nan
        expiresBefore = creation.before?.expiresAt?.secondsSince1970 ?? .nan
        valueBefore = creation.before?.valueHash ?? 0
        validityInSeconds = Int32(clamping: creation.validity.components.seconds)
        isCertain = creation.isCertain
        isDenied = creation.isDenied
        hasPending = creation.hasPending
        wasRead = creation.before != nil
    }

    func creation(since epoch: ContinuousClock.Instant) -> ProfileHistory.Creation {
        ProfileHistory.Creation(
            sent: epoch.advanced(by: .nanoseconds(sent)),
            answered: epoch.advanced(by: .nanoseconds(answered)),
            validity: .seconds(Int(validityInSeconds)),
            isCertain: isCertain,
            isDenied: isDenied,
            hasPending: hasPending,
            before: before
        )
    }

    private var before: TokenTimes? {
        guard wasRead else { return nil }
        return TokenTimes(
            createdAt: time(createdBefore),
            expiresAt: time(expiresBefore),
            valueHash: valueBefore
        )
    }

    private func time(_ seconds: Double) -> Timestamp? {
        seconds.isNaN ? nil : Timestamp(secondsSince1970: seconds)
    }
}

extension Duration {
    fileprivate var nanoseconds: Int64 { components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000 }
}
