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
    /// The profile is known to have changed since: by this write, where it was one of ours.
    case behind(Write?)
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
        case .mayBeBefore(let span) where timeShown <= span: return .behind(last)
        case .mayBeBefore, .none: return seen.isLate(read, of: profile) ? .behind(last) : .current
        }
    }

    /// When to look again for what `write` has done; `nil` when that is no longer worth it.
    func nextLook(
        after write: TokenStanding.Write?,
        begun: ContinuousClock.Instant,
        looks: Int,
        until end: ContinuousClock.Instant
    ) -> ContinuousClock.Instant? {
        let next = clock.now.advanced(by: Self.lagPauses[min(looks, Self.lagPauses.count - 1)])
        let patience = (write?.answered ?? begun).advanced(by: Self.lagPatience)
        return next < min(end, max(patience, begun.advanced(by: Self.leastPatience))) ? next : nil
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
        if seen.wasSeen(state, on: profile, before: creation.sent) || creation.before == TokenTimes(state) {
            return .isBefore
        }
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
        let earlier = record.creations.first {
            $0.sent < revocation.sent && $0.isShownInTime(by: read.value, on: read.clock)
        }
        return earlier.map { .mayBeBefore(revocation.answered - $0.sent + ReadBackWindow.slack) } ?? .none
    }
}
