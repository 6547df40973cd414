package import CoreMetrics
package import Logging
import Synchronization
package import Traces
package import Transport

/// Keeps one access token at hand.
///
/// - A token that is good is given out at once: reading it takes one short lock and waits for nobody.
/// - One fetch is in flight, however many wait for it. It belongs to none of them: a caller's deadline or cancellation ends
///   that caller's waiting, nothing else.
/// - Renewal begins in the background before the token's end. While Entra fails, the present token serves to its end.
/// - Failures are kept for a pause in which callers get them at once and Entra is left alone. After it the next caller, or
///   ``keepFresh()``, asks again: there is no failure that lasts.
package final class TokenCache: AccessTokenSource {
    private struct Guarded {
        var tokens: TokenState
        var watchers = Watchers()
        /// Counts the fetches; an end of any but the last one is no news.
        var fetches = 0
        var isLastEnded = true
    }

    private let source: any TokenGrantSource
    private let clock: any MonotonicClock
    private let log: TokenLog
    private let fetchLimit: Duration
    private let metrics: TokenMetrics
    /// For what no request asks for; `nil` where that is not traced.
    private let tracer: SpanTracer?
    private let guarded: Mutex<Guarded>

    package init(
        source: any TokenGrantSource,
        clock: any MonotonicClock,
        logger: Logger,
        policy: TokenPolicy = TokenPolicy(),
        metrics: any MetricsFactory = NOOPMetricsHandler.instance,
        tracer: SpanTracer? = nil
    ) {
        self.tracer = tracer
        self.source = source
        self.clock = clock
        log = TokenLog(logger: logger)
        fetchLimit = policy.fetchLimit
        self.metrics = TokenMetrics(metrics)
        guarded = Mutex(Guarded(tokens: TokenState(policy: policy)))
    }

    /// How the cache stands now.
    package var health: TokenHealth {
        let now = clock.now
        return guarded.withLock { TokenHealth($0.tokens, at: now) }
    }

    package func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken {
        // Each turn judges anew what is there: while this caller waited, the token may have come, gone or been dropped.
        while true {
            let (reading, watch) = read()
            switch reading {
            case .token(let token, let fetch):
                if fetch { beginFetch() }
                return token
            case .failure(let error):
                throw error
            case .pending(let fetch):
                if fetch { beginFetch() }
                try await wait(on: watch, until: deadline)
            }
        }
    }

    package func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async {
        let now = clock.now
        let (dropped, woken) = guarded.withLock { guarded -> (Bool, Watchers) in
            guard guarded.tokens.drop(token, challenge: challenge, at: now) else { return (false, Watchers()) }
            return (true, guarded.watchers.removeAll())
        }
        guard dropped else { return }
        log.dropped(token, isChallenged: challenge != nil)
        woken.wake(with: .changed)
    }

    package func renewAfterForbidden(_ token: AccessToken) async {
        let now = clock.now
        if guarded.withLock({ $0.tokens.beginRenewal(afterForbidden: token, at: now) }) { beginFetch() }
    }

    /// Fetches a token now, because what the source asks with has changed. The present one serves until then; pauses after
    /// failures end, but for those that Entra asked for.
    package func renewNow() {
        let now = clock.now
        let (fetch, woken) = guarded.withLock { ($0.tokens.beginRenewal(at: now), $0.watchers.removeAll()) }
        if fetch { beginFetch() }
        woken.wake(with: .changed)
    }

    /// Fetches a token now and renews it ahead of its end, until the task is cancelled.
    package func keepFresh() async {
        while !Task.isCancelled {
            let now = clock.now
            let (step, watch) = guarded.withLock { ($0.tokens.keepUp(at: now), $0.watchers.add()) }
            switch step {
            case .fetch: beginFetch()
            case .wait(let instant): _ = await watch.signal(before: instant, clock: clock)
            }
            forget(watch)
        }
    }

    /// What a caller gets, and, where that is nothing yet, a watch that misses no change after this reading.
    private func read() -> (TokenState.Reading, Watch?) {
        let now = clock.now
        return guarded.withLock { guarded in
            let reading = guarded.tokens.read(at: now)
            guard case .pending = reading else { return (reading, nil) }
            return (reading, guarded.watchers.add())
        }
    }

    private func wait(on watch: Watch?, until deadline: ContinuousClock.Instant) async throws(EntraError) {
        guard let watch else { return }
        defer { forget(watch) }
        guard !Task.isCancelled else {
            throw EntraError(.unavailable, reason: .cancelled, detail: "the caller was cancelled")
        }
        guard clock.now < deadline else {
            throw EntraError(
                .unavailable,
                reason: .waitEnded,
                detail: "no access token came before the caller's deadline"
            )
        }
        if case .failed(let error) = await watch.signal(before: deadline, clock: clock) { throw error }
    }

    private func forget(_ watch: Watch) { guarded.withLock { $0.watchers.remove(watch) } }

    /// Only after the state has ordered a fetch, so that there is one at a time.
    ///
    /// The task is nobody's child: its time limit is the source's, and no caller's end reaches it. A source that keeps to none, as
    /// a file on a network does that is gone, is given up: there must be no fetch that is waited for without end.
    private func beginFetch() {
        let (number, challenge) = guarded.withLock { guarded in
            guarded.fetches += 1
            guarded.isLastEnded = false
            return (guarded.fetches, guarded.tokens.challenge)
        }
        let asked = clock.now
        let span = beginSpan()
        let limit = Task {
            guard (try? await clock.sleep(until: asked.advanced(by: fetchLimit))) != nil else { return }
            let error = EntraError(.unavailable, reason: .timedOut, detail: "asking for an access token came to no end")
            end(number, .failure(error), askedAt: asked, challenge)
        }
        Task {
            guard let span else { return await fetch(number, challenge, askedAt: asked, limit) }
            await span.surround { await fetch(number, challenge, askedAt: asked, limit) }
            span.end()
        }
    }

    private func fetch(
        _ number: Int,
        _ challenge: ClaimsChallenge?,
        askedAt asked: ContinuousClock.Instant,
        _ limit: Task<Void, Never>
    ) async {
        let answer: Result<TokenGrant, EntraError>
        do throws(EntraError) {
            answer = .success(try await source.requestGrant(claims: challenge))
        } catch {
            answer = .failure(error)
            TraceSpan.current?.fail(error.reason.rawValue)
        }
        limit.cancel()
        end(number, answer, askedAt: asked, challenge)
    }

    /// Of the request that began the fetch, though others wait for it too; else a trace of its own.
    private func beginSpan() -> TraceSpan? {
        let name = "access-token fetch"
        return TraceSpan.current.map { $0.step(name) } ?? tracer?.begin(name)
    }

    private func end(
        _ number: Int,
        _ answer: Result<TokenGrant, EntraError>,
        askedAt asked: ContinuousClock.Instant,
        _ challenge: ClaimsChallenge?
    ) {
        let now = clock.now
        let ended = guarded.withLock { guarded -> (TokenState.Outcome, TokenPermission?, TokenPermission?, Watchers)? in
            guard number == guarded.fetches, !guarded.isLastEnded else { return nil }
            guarded.isLastEnded = true
            let before = guarded.tokens.permission
            let outcome =
                switch answer {
                case .success(let grant):
                    guarded.tokens.obtained(grant, answering: challenge, askedAt: asked, at: now)
                case .failure(let error): guarded.tokens.failed(error, answering: challenge, at: now)
                }
            return (outcome, before, guarded.tokens.permission, guarded.watchers.removeAll())
        }
        guard let (outcome, before, after, woken) = ended else { return }
        if case .failure(let error) = answer {
            metrics.fetched(in: now - asked, error: error)
        } else {
            metrics.fetched(in: now - asked, error: nil)
        }
        switch outcome {
        case .token(let token):
            log.obtained(token)
            if let after, after == .missing || after != before { log.found(after, before: before) }
            woken.wake(with: .changed)
        case .failure(let error):
            log.failed(error)
            woken.wake(with: .failed(error))
        case .outdated:
            if case .failure(let error) = answer { log.failed(error) }
            woken.wake(with: .changed)
        }
    }
}
