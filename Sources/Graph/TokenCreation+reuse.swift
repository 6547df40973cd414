import Transport

/// Many may share a token: is the one that the profile has good enough?
extension TokenCreation {
    /// Graph may not show yet what this process has just created. So long it is waited for.
    static let reusePatience = Duration.seconds(10)
    private static let pause = Duration.milliseconds(500)

    /// What a read says of the profile's present token.
    private enum Standing {
        /// It is what the read shows.
        case shown
        /// The read is behind what this process knows: the token that it created last, where it did.
        case behind(CreationHistory.Creation?)
    }

    /// The profile's token, where it has at least `least` to live; `nil` where a new one has to be created.
    ///
    /// In the profile's turn, what was read is the baseline of the creation that follows.
    ///
    /// - Parameter isPatient: whether to wait for what Graph does not show yet. Else such a token is `nil`.
    /// - Throws: ``GraphError`` with the outcome `notCreated`.
    mutating func present(validFor least: Duration, isPatient: Bool) async throws(GraphError) -> ShownToken? {
        let end = min(write.lastSend, now.advanced(by: Self.reusePatience))
        while true {
            let read = try await readPatiently(until: write.lastSend)
            firstRead = read
            switch standing(read) {
            case .shown:
                let token = ShownToken(read.value, on: read.clock, at: now, attempts: write.attempts)
                return token.isGood(for: least) ? token : nil
            case .behind(let last):
                if isPatient, now.advanced(by: Self.pause) < end,
                    (try? await tokens.clock.sleep(for: Self.pause)) != nil
                {
                    continue
                }
                guard isPatient else { return nil }
                return last.flatMap { notYetShown($0, validFor: least) }
            }
        }
    }

    private func standing(_ read: Read) -> Standing {
        let last = tokens.history.last(of: profile).flatMap { $0.isCertain ? $0 : nil }
        let isLate = tokens.seen.isLate(read.value, of: profile, asked: read.asked)
        guard let last, read.asked - last.answered <= CreationHistory.latest else {
            return isLate ? .behind(nil) : .shown
        }
        let wasThereBefore =
            isLate || tokens.seen.wasSeen(read.value, on: profile, before: last.sent)
            || last.before == TokenTimes(read.value)
        if wasThereBefore { return .behind(last) }
        let isKnown = last.isShown(by: read.value, on: read.clock) || isYounger(read, than: last)
        return isKnown ? .shown : .behind(last)
    }

    /// Whether somebody else has replaced or revoked what this process created last.
    private func isYounger(_ read: Read, than last: CreationHistory.Creation) -> Bool {
        if let createdAt = read.value.createdAt, read.value.value != nil {
            return createdAt > read.clock.latest(at: last.answered) + ReadBackWindow.slack
        }
        guard read.value.value == nil, let end = read.value.expiresAt else { return false }
        // What ended after that creation is no token of before it: a revocation ends one at once.
        return end >= read.clock.earliest(at: last.sent)
    }

    /// What this process created and the profile does not show: known without its value.
    private func notYetShown(_ last: CreationHistory.Creation, validFor least: Duration) -> ShownToken? {
        let timeLeft = last.validity - (now - last.sent)
        guard timeLeft >= least, timeLeft > .zero else { return nil }
        return ShownToken(expiresAt: tokens.wallClock() + timeLeft, timeLeft: timeLeft, attempts: write.attempts)
    }
}
