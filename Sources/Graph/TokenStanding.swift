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
    /// Between two looks.
    static let lagPause = Duration.milliseconds(500)

    /// Judges a read, and keeps in mind which token it shows.
    func standing(_ read: TokenCreation.Read, of profile: ProfileReference) -> TokenStanding {
        let isLate = seen.isLate(read, of: profile)
        let record = history.record(of: profile)
        guard let last = lastWrite(record), read.asked - last.answered <= ProfileHistory.latest else {
            return isLate ? .behind(nil) : .current
        }
        if isLate { return .behind(last) }
        switch last {
        case .creation(let creation): return isBefore(read, creation, record, profile) ? .behind(last) : .current
        case .revocation(let revocation): return isBefore(read, revocation, record, profile) ? .behind(last) : .current
        }
    }

    /// When looking again for what `write` has done is no longer worth it.
    func lagEnd(after write: TokenStanding.Write?, begun: ContinuousClock.Instant) -> ContinuousClock.Instant {
        (write?.answered ?? begun).advanced(by: Self.lagPatience)
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

    /// Whether the read shows what was there before our last creation. What nobody knows is somebody else's, and newer: what was
    /// there before is known from its baseline, or was ours.
    private func isBefore(
        _ read: TokenCreation.Read,
        _ creation: ProfileHistory.Creation,
        _ record: ProfileHistory.Record,
        _ profile: ProfileReference
    ) -> Bool {
        let wasSeen = seen.wasSeen(read.value, on: profile, before: creation.sent)
        if wasSeen || creation.before == TokenTimes(read.value) { return true }
        let earlier = record.creations.filter { $0.sent < creation.sent }
        if creation.hasPending, earlier.contains(where: { $0.mayBeShown(by: read.value, on: read.clock) }) {
            return true
        }
        if creation.isShown(by: read.value, on: read.clock) { return false }
        return earlier.contains { $0.isShownInTime(by: read.value, on: read.clock) }
    }

    /// Whether the read shows a living token that our revocation has ended.
    private func isBefore(
        _ read: TokenCreation.Read,
        _ revocation: ProfileHistory.Revocation,
        _ record: ProfileHistory.Record,
        _ profile: ProfileReference
    ) -> Bool {
        guard read.value.value != nil else { return false }
        if seen.wasSeen(read.value, on: profile, before: revocation.sent) { return true }
        return record.creations.contains {
            $0.sent < revocation.sent && $0.isShownInTime(by: read.value, on: read.clock)
        }
    }
}
