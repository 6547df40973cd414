import Traces
import Transport

extension EnrollmentTokens {
    /// So long after a request's deadline its turn among peers has ended by itself: the clocks of this machine and of the ledger need
    /// not run at exactly the same speed.
    static let peerTurnMargin = Duration.seconds(1)

    /// Runs `body` in a turn of the profile: one after another in this process, and among its peers.
    ///
    /// - Parameters:
    ///   - lastSend: when it has to begin.
    ///   - end: when it is over at the latest.
    ///   - notDone: what a refusal means.
    func withTurn<Result: Sendable>(
        of profile: ProfileReference,
        before lastSend: ContinuousClock.Instant,
        until end: ContinuousClock.Instant,
        notDone: GraphError.Outcome,
        attempts: [GraphAttempt] = [],
        _ body: () async throws(GraphError) -> Result
    ) async throws(GraphError) -> Result {
        let asked = clock.now
        return try await turns.withTurn(
            of: profile,
            before: lastSend,
            refused: {
                metrics.waitedInVain(for: .turn, since: asked, until: clock.now)
                return GraphError(turn: $0, outcome: notDone).noting(attempts)
            }
        ) { () async throws(GraphError) in
            guard let peers else {
                metrics.waited(for: .turn, since: asked, until: clock.now)
                return try await body()
            }
            do throws(PeerRefusal) {
                let step = TraceSpan.step("shared-turn")
                peerTurnWaits.begin()
                defer {
                    peerTurnWaits.end()
                    step?.end()
                }
                let last = end.advanced(by: Self.peerTurnMargin)
                learn(try await peers.beginTurn(of: profile, before: lastSend, until: last), of: profile)
            } catch {
                metrics.waitedInVain(for: .turn, since: asked, until: clock.now)
                throw GraphError(peers: error, outcome: notDone).noting(attempts)
            }
            metrics.waited(for: .turn, since: asked, until: clock.now)
            let result: Swift.Result<Result, GraphError>
            do throws(GraphError) {
                result = .success(try await body())
            } catch {
                result = .failure(error)
            }
            await peers.endTurn(of: profile)
            return try result.get()
        }
    }

    /// Keeps in mind what others have done to the profile since this process did something to it last.
    func learn(_ writes: [PeerWrite], of profile: ProfileReference) {
        for write in writes {
            let record = history.record(of: profile)
            switch write.kind {
            case .creation(let validity):
                if let last = record.creations.last, last.sent > write.sent { continue }
                history.record(
                    .init(sent: write.sent, answered: write.answered, validity: validity, isCertain: write.isCertain),
                    of: profile
                )
            case .revocation:
                guard write.isCertain else { continue }
                if let last = record.revocation, last.sent > write.sent { continue }
                history.record(.init(sent: write.sent, answered: write.answered), of: profile)
            }
            if write.isCertain { seen.replaced(on: profile, before: write.sent) }
        }
    }
}

extension GraphError {
    init(peers refusal: PeerRefusal, outcome: Outcome) {
        switch refusal {
        case .busy: self.init(.profileBusy, outcome: outcome, retryAfter: Self.busyRetryAfter)
        case .throttled(let wait): self.init(.throttled, outcome: outcome, retryAfter: wait)
        case .unreachable: self.init(.notRecorded, outcome: outcome)
        case .cancelled: self.init(.unavailable, outcome: outcome)
        }
    }
}
