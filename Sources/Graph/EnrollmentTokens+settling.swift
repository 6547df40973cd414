package import Transport

/// What reading says of a ``SentWrite``.
package enum Settlement: Sendable, Equatable {
    /// A creation's token has these times.
    case done(createdAt: Timestamp?, expiresAt: Timestamp?)
    case notDone
    /// The profile cannot tell, or not yet.
    case open
}

/// Finds out what came of writes of some time ago: ``EnrollmentTokens`` in the service.
package protocol WriteSettling: Sendable {
    /// See ``EnrollmentTokens/settle(_:before:)``.
    func settle(
        _ write: SentWrite,
        before deadline: ContinuousClock.Instant
    ) async throws(GraphError) -> (settlement: Settlement, attempts: [GraphAttempt])
}

extension EnrollmentTokens: WriteSettling {
    /// Finds out by reading the profile, in its turn, what came of a write of some time ago. Nothing is sent but reads.
    ///
    /// A "yes" needs one read; a "no" two that agree, the last one not before ``SentWrite/settled``. Where that is too far away, it is
    /// looked for a "yes" for ``TokenCreation/settlingTime``. It takes ``TokenCreation/readBackLimit`` at most, and ends before
    /// `deadline`.
    ///
    /// - Returns: what is known, and what was asked of Graph.
    /// - Throws: ``GraphError`` with the outcome `unknown` where no read succeeded, or where the profile's turn did not come.
    package func settle(
        _ write: SentWrite,
        before deadline: ContinuousClock.Instant
    ) async throws(GraphError) -> (settlement: Settlement, attempts: [GraphAttempt]) {
        try await withTurn(of: write.profile, before: deadline, until: deadline, notDone: .unknown) {
            () async throws(GraphError) in
            let end = min(deadline, clock.now.advanced(by: TokenCreation.readBackLimit))
            let found: (settlement: Settlement, attempts: [GraphAttempt])
            do throws(GraphError) {
                found = try await look(for: write, until: end)
            } catch {
                metrics.readBack(write.operation, .unclear)
                throw error
            }
            metrics.readBack(write.operation, .init(found.settlement))
            return found
        }
    }

    private func sighting(of write: SentWrite, in read: TokenCreation.Read) -> Sighting {
        if seen.isLate(read, of: write.profile) { return .other }
        // Without a token it may show what was there before a creation that it does not show yet.
        if case .revocation = write.kind, read.value.value == nil,
            showsLastCreationOver(read, of: write.profile) == false
        {
            return .other
        }
        return write.sighting(of: read.value, on: read.clock)
    }

    /// Whether `read` shows that the token is over that was created last on the profile; `nil` where none was so recently that Graph may
    /// not show it yet.
    func showsLastCreationOver(_ read: TokenCreation.Read, of profile: ProfileReference) -> Bool? {
        history.record(of: profile).recent(at: read.asked).last?.isOver(by: read.value, on: read.clock)
    }

    private func look(
        for write: SentWrite,
        until end: ContinuousClock.Instant
    ) async throws(GraphError) -> (settlement: Settlement, attempts: [GraphAttempt]) {
        let reads = TokenReads(of: self, profile: write.profile, .bare)
        var attempts: [GraphAttempt] = []
        let patience = clock.now.advanced(by: TokenCreation.settlingTime)
        var failure: GraphError?
        var agreeing = 0
        var tries = 0
        while clock.now < end {
            do throws(GraphError) {
                let read = try await reads.once(for: .readBack, until: end, noting: &attempts)
                failure = nil
                switch sighting(of: write, in: read) {
                case .ours: return (.done(read.value, write), attempts)
                case .before: agreeing += 1
                case .other: agreeing = 0
                }
                if agreeing >= 2, read.asked >= write.settled { return (.notDone, attempts) }
                if read.asked >= patience, write.settled >= end || agreeing == 0 { return (.open, attempts) }
            } catch {
                failure = error
                if case .profileNotFound = error.kind { break }
            }
            let pause = GraphReader.pauses[min(tries, GraphReader.pauses.count - 1)]
            tries += 1
            guard clock.now.advanced(by: pause) < end, (try? await client.pause(for: pause)) != nil else { break }
        }
        if var failure {
            failure.outcome = .unknown
            throw failure.noting(attempts)
        }
        return (.open, attempts)
    }
}

extension SentWrite {
    fileprivate var operation: GraphAttempt.Operation {
        switch kind {
        case .creation: .createToken
        case .revocation: .revokeToken
        }
    }
}

extension GraphMetrics.ReadBackResult {
    fileprivate init(_ settlement: Settlement) {
        self =
            switch settlement {
            case .done: .yes
            case .notDone: .no
            case .open: .unclear
            }
    }
}

extension Settlement {
    fileprivate static func done(_ state: TokenState, _ write: SentWrite) -> Settlement {
        guard case .creation(let validity) = write.kind else { return .done(createdAt: nil, expiresAt: nil) }
        return .done(createdAt: state.creation(living: validity), expiresAt: state.expiresAt)
    }
}
