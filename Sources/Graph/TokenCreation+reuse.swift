import Transport

/// Many may share a token: is the one that the profile has good enough?
extension TokenCreation {
    /// The profile's token, where it has at least `least` to live; `nil` where a new one has to be created.
    ///
    /// In the profile's turn, what was read is the baseline of the creation that follows.
    ///
    /// - Parameter isPatient: whether to wait for what Graph does not show yet, ``EnrollmentTokens/lagPatience`` after it was done at
    ///   most; where it is not shown then, a token of ours counts as present without its value. Else it is `nil`.
    /// - Throws: ``GraphError`` with the outcome `notCreated`.
    mutating func present(validFor least: Duration, isPatient: Bool) async throws(GraphError) -> ShownToken? {
        let (read, standing) = try await isPatient ? readCurrent() : readNow()
        firstRead = read
        let token: ShownToken
        switch standing {
        case .current: token = ShownToken(read.value, on: read.clock, at: now, attempts: write.attempts)
        case .behind(let last?, doubt: _) where isPatient: token = tokens.notYetShown(last, attempts: write.attempts)
        case .behind: return nil
        }
        return token.isGood(for: least) ? token : nil
    }

    private mutating func readNow() async throws(GraphError) -> (Read, TokenStanding) {
        let read = try await readPatiently(until: write.lastSend)
        return (read, tokens.standing(read, of: profile))
    }

    /// Reads until a read is not behind what this process has done, as long as that is worth it; the last read and how it stands.
    mutating func readCurrent() async throws(GraphError) -> (Read, TokenStanding) {
        let begun = now
        var looks = 0
        while true {
            let (read, standing) = try await readNow()
            guard case .behind(let last, let doubt) = standing, !tokens.revocations.isAwaited(on: profile),
                let next = tokens.nextLook(
                    after: last,
                    doubt: doubt,
                    begun: begun,
                    looks: looks,
                    until: write.lastSend
                ),
                (try? await tokens.client.pause(until: next)) != nil
            else { return (read, standing) }
            looks += 1
        }
    }
}
