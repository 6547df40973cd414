import Transport

/// How what a read shows stands to what this process has done.
enum TokenStanding: Sendable {
    /// What Graph last certainly did for this process.
    enum Write: Sendable {
        case creation(ProfileHistory.Creation)
        case revocation(ProfileHistory.Revocation)

        var answered: ContinuousClock.Instant {
            switch self {
            case .creation(let creation): creation.answered
            case .revocation(let revocation): revocation.answered
            }
        }
    }

    /// Nothing speaks against it.
    case current
    /// The profile is known to have changed since: by this write, where it was one of ours. What its times alone speak against is
    /// believed when it is still shown after `doubt`.
    case behind(Write?, doubt: Duration? = nil)
}

extension EnrollmentTokens {
    /// Graph may not show yet what this process has done a moment ago. So long after the write it is waited for.
    static let lagPatience = Duration.seconds(10)
    /// So long it is looked again in any case: one read alone may show the past.
    static let leastPatience = Duration.seconds(1)
    /// Between two looks; the last one is repeated.
    static let lagPauses: [Duration] = [.milliseconds(500), .seconds(1), .seconds(2)]

    /// Judges a read, and keeps in mind which token it shows unless that is known to be one of before.
    func standing(_ read: TokenCreation.Read, of profile: ProfileReference) -> TokenStanding {
        let timeShown = seen.timeShown(read, on: profile)
        let record = history.record(of: profile)
        let lastOfAll = lastWrite(record)
        // What is older Graph is expected to show; only what is known to be of before is not believed then.
        let last = lastOfAll.flatMap { read.asked - $0.answered <= ProfileHistory.latest ? $0 : nil }
        if seen.isReplaced(read.value, on: profile, at: read.asked) { return .behind(last) }
        let doubt: Doubt =
            switch lastOfAll {
            case .creation(let creation): doubt(read, after: creation, record, profile)
            case .revocation(let revocation): doubt(read, after: revocation, record, profile)
            case nil: .none
            }
        switch doubt {
        case .isBefore: return .behind(last)
        // Whatever lags shows what came after it by then.
        case .mayBeBefore(let span):
            let rest = believed(after: span, last) - timeShown
            if rest >= .zero { return .behind(last, doubt: rest) }
        case .none: break
        }
        return seen.isLate(read, of: profile) ? .behind(last) : .current
    }

    /// Where no write is recent, Graph does not lag any more, and only a single read may.
    private func believed(after span: Duration, _ last: TokenStanding.Write?) -> Duration {
        last == nil ? min(span, Self.lagPauses[0] / 2) : span
    }

    /// When to look again for what `write` has done; `nil` when that is no longer worth it.
    ///
    /// - Parameter doubt: for how long what is shown has to be shown still to be believed.
    func nextLook(
        after write: TokenStanding.Write?,
        doubt: Duration?,
        begun: ContinuousClock.Instant,
        looks: Int,
        until end: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        let pause = Self.lagPauses[min(looks, Self.lagPauses.count - 1)]
        var patience = begun.advanced(by: Self.leastPatience)
        if let write { patience = max(patience, write.answered.advanced(by: Self.lagPatience)) }
        var next = clock.now.advanced(by: pause)
        if let doubt {
            patience = max(patience, begun.advanced(by: Self.lagPatience))
            // No sooner than it is needed, and no later.
            next =
                looks == 0 ? next : clock.now.advanced(by: min(max(doubt + .milliseconds(50), pause / 2), .seconds(5)))
        }
        return next < min(end, patience) ? next : nil
    }

    /// What is known of a token that no read has shown: when it ends.
    func notYetShown(_ write: TokenStanding.Write, attempts: [GraphAttempt]) -> ShownToken {
        guard case .creation(let creation) = write else { return ShownToken(attempts: attempts) }
        let timeLeft = creation.validity - (clock.now - creation.sent)
        return ShownToken(
            isThere: true,
            expiresAt: wallClock() + timeLeft,
            timeLeft: timeLeft,
            attempts: attempts
        )
    }

    private func lastWrite(_ record: ProfileHistory.Record) -> TokenStanding.Write? {
        let creation = record.creations.last { $0.isCertain }
        guard let revocation = record.revocation else { return creation.map { .creation($0) } }
        guard let creation, creation.answered > revocation.answered else { return .revocation(revocation) }
        return .creation(creation)
    }

    /// Whether a read may show what was there before a write.
    private enum Doubt {
        case none
        /// It may, for so long after it was first shown: no longer than the two are apart.
        case mayBeBefore(Duration)
        case isBefore
    }

    /// What nobody knows is somebody else's, and newer: what was there before is known from its baseline, or was ours.
    private func doubt(
        _ read: TokenCreation.Read,
        after creation: ProfileHistory.Creation,
        _ record: ProfileHistory.Record,
        _ profile: ProfileReference
    ) -> Doubt {
        let (state, clock) = (read.value, read.clock)
        if seen.wasSeen(state, on: profile, before: creation.sent) { return .isBefore }
        if let doubt = doubt(creationTimeIn: read, sent: creation.sent, answered: creation.answered) { return doubt }
        // A profile can be without a token more than once, and look the same.
        let isRecent = read.asked - creation.answered <= ProfileHistory.latest
        if creation.before == TokenTimes(state), state.value != nil || isRecent { return .isBefore }
        let earlier = record.creations.first {
            $0.sent < creation.sent
                && (creation.hasPending ? $0.mayBeShown(by: state, on: clock) : $0.isShownInTime(by: state, on: clock))
        }
        let isShown = creation.isShown(by: state, on: clock)
        if let earlier, creation.hasPending || !isShown {
            return .mayBeBefore(creation.answered - earlier.sent + ReadBackWindow.slack)
        }
        let window = ReadBackWindow(sent: creation.sent, ended: creation.answered, validity: creation.validity)
        // Somebody else's of a moment before, perhaps.
        if isShown, !window.isAfterSend(state, on: clock) {
            return .mayBeBefore(creation.answered - creation.sent + ReadBackWindow.slack + clock.uncertainty)
        }
        return .none
    }

    private func doubt(
        _ read: TokenCreation.Read,
        after revocation: ProfileHistory.Revocation,
        _ record: ProfileHistory.Record,
        _ profile: ProfileReference
    ) -> Doubt {
        guard read.value.value != nil else { return .none }
        if seen.wasSeen(read.value, on: profile, before: revocation.sent) { return .isBefore }
        if let doubt = doubt(creationTimeIn: read, sent: revocation.sent, answered: revocation.answered) {
            return doubt
        }
        let earlier = record.creations.first {
            $0.sent < revocation.sent && $0.mayBeShown(by: read.value, on: read.clock)
        }
        return earlier.map { .mayBeBefore(revocation.answered - $0.sent + ReadBackWindow.slack) } ?? .none
    }

    /// By Graph's own word for when the token was created, where there is one: whether that was before a write of ours.
    private func doubt(
        creationTimeIn read: TokenCreation.Read,
        sent: ContinuousClock.Instant,
        answered: ContinuousClock.Instant
    ) -> Doubt? {
        guard read.value.value != nil, read.clock.isGraphs, let createdAt = read.value.createdAt else { return nil }
        let earliest = read.clock.earliest(at: sent)
        if createdAt + ReadBackWindow.slack < earliest { return .isBefore }
        guard createdAt < earliest else { return nil }
        return .mayBeBefore(answered - sent + ReadBackWindow.slack + read.clock.uncertainty)
    }
}
