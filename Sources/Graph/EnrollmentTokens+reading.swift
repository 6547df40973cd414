import Transport

extension EnrollmentTokens {
    /// The profile's token as Graph shows it now.
    ///
    /// What this process has created or revoked a moment ago is waited for, ``lagPatience`` after it was done at most; where Graph
    /// does not show it then, the token is there without its value, or is not there. One that is known to have been replaced is not
    /// shown.
    ///
    /// - Throws: ``GraphError`` without an outcome.
    package func token(
        of profile: ProfileReference,
        _ selection: TokenSelection
    ) async throws(GraphError) -> ShownToken {
        var attempts: [GraphAttempt] = []
        do throws(GraphError) {
            return try await token(of: profile, selection, noting: &attempts)
        } catch {
            throw error.noting(attempts)
        }
    }

    private func token(
        of profile: ProfileReference,
        _ selection: TokenSelection,
        noting attempts: inout [GraphAttempt]
    ) async throws(GraphError) -> ShownToken {
        let begun = clock.now
        let deadline = begun.advanced(by: configuration.deadline)
        let reads = TokenReads(of: self, profile: profile, selection)
        var looks = 0
        while true {
            let read = try await reads.patiently(for: .read, until: deadline, noting: &attempts)
            switch standing(read, of: profile) {
            case .current: return ShownToken(read.value, on: read.clock, at: clock.now, attempts: attempts)
            case .behind(let last, let doubt):
                guard let next = nextLook(after: last, doubt: doubt, begun: begun, looks: looks, until: deadline) else {
                    // Where nothing of ours is missing, what is shown for so long is there.
                    return last.map { notYetShown($0, attempts: attempts) }
                        ?? ShownToken(read.value, on: read.clock, at: clock.now, attempts: attempts)
                }
                do { try await client.pause(until: next) } catch { throw GraphError(.unavailable, outcome: nil) }
                looks += 1
            }
        }
    }
}
