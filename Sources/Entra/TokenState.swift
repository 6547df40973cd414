/// What a ``TokenCache`` knows, as a value: which token serves, whether one is being fetched, when to ask again.
///
/// Pure: it is told the time and answers what to do. No state is final: each failure only sets when to ask next.
struct TokenState: Sendable {
    typealias Instant = ContinuousClock.Instant

    struct Failure: Sendable {
        var error: EntraError
        var retryAt: Instant
    }

    /// What a caller gets. `fetch: true` orders the caller to begin the one fetch.
    enum Reading: Sendable {
        case token(AccessToken, fetch: Bool)
        case failure(EntraError)
        case pending(fetch: Bool)
    }

    /// What keeping the cache warm asks for.
    enum Upkeep: Sendable {
        case fetch
        /// Nothing until then; without an instant, until the fetch in flight ends.
        case wait(until: Instant?)
    }

    /// What became of a fetch.
    enum Outcome: Sendable {
        case token(AccessToken)
        case failure(EntraError)
        /// Something changed while it was under way: those who wait had better look again.
        case outdated
    }

    let policy: TokenPolicy
    private(set) var token: AccessToken?
    private(set) var renewsAt: Instant?
    private(set) var isFetching = false
    /// The outcome of the last fetch, if that failed; or the pause after rejected tokens.
    private(set) var failure: Failure?
    /// What Graph asked the next token to bring; kept until one was granted for it.
    private(set) var challenge: ClaimsChallenge?
    /// What the present token's roles allow; `nil` before the first one.
    private(set) var permission: TokenPermission?
    private var failuresInARow = 0
    private var lastKind: EntraError.Kind?
    /// Whether the fetch in flight began before something changed that the next token has to show.
    private var isFetchOutdated = false
    private var rejectionsInARow = 0
    private var lastSerial: UInt64 = 0
    private var lastForbiddenRenewal: Instant?

    init(policy: TokenPolicy) { self.policy = policy }

    var hasHadToken: Bool { lastSerial > 0 }

    /// The token to give out, if there is one.
    func usableToken(at now: Instant) -> AccessToken? {
        guard let token, now < policy.end(of: token) else { return nil }
        return token
    }

    mutating func read(at now: Instant) -> Reading {
        if let token = usableToken(at: now) {
            return .token(token, fetch: isRenewalDue(at: now) && beginFetch(at: now))
        }
        if isFetching { return .pending(fetch: false) }
        if let failure, now < failure.retryAt {
            var error = failure.error
            error.retryAfter = failure.retryAt - now
            return .failure(error)
        }
        return .pending(fetch: beginFetch(at: now))
    }

    mutating func keepUp(at now: Instant) -> Upkeep {
        if isFetching { return .wait(until: nil) }
        let renewal = usableToken(at: now) == nil ? now : renewsAt ?? now
        let due = max(renewal, failure?.retryAt ?? renewal)
        if now < due { return .wait(until: due) }
        return beginFetch(at: now) ? .fetch : .wait(until: nil)
    }

    /// The fetch brought a token, asked for at `asked`. Its life counts from then: Entra's began no earlier.
    ///
    /// - Parameter answered: the challenge that it was asked for with.
    mutating func obtained(
        _ grant: TokenGrant,
        answering answered: ClaimsChallenge?,
        askedAt asked: Instant,
        at now: Instant
    ) -> Outcome {
        // Graph would challenge this one as well.
        if let challenge, challenge != answered {
            isFetching = false
            isFetchOutdated = false
            failure = nil
            return .outdated
        }
        let token = AccessToken(
            serial: lastSerial + 1,
            value: grant.value,
            obtainedAt: asked,
            expiresAt: asked.advanced(by: grant.lifetime)
        )
        guard now < policy.end(of: token) else {
            let error = EntraError(
                .unavailable,
                reason: .timedOut,
                detail: "the access token had ended when it arrived"
            )
            return failed(error, answering: answered, at: now)
        }
        // The one before was renewed and not rejected: it was good.
        if self.token != nil { rejectionsInARow = 0 }
        isFetching = false
        lastSerial = token.serial
        self.token = token
        challenge = nil
        let permission = TokenPermission(AccessTokenFacts(grant.value))
        self.permission = permission
        renewsAt = policy.renewal(of: token, refreshIn: grant.refreshIn)
        // Consent shows in tokens that are made after it, and nobody calls a gateway that is not ready.
        if permission == .missing { renewsAt = min(renewsAt ?? now, asked.advanced(by: policy.forbiddenInterval)) }
        if isFetchOutdated { renewsAt = now }
        isFetchOutdated = false
        failure = nil
        failuresInARow = 0
        return .token(token)
    }

    /// The fetch failed.
    ///
    /// - Parameter answered: the challenge that it asked with. One that Entra refuses is not asked for again until Graph does:
    ///   what Graph wants now may be something else, or nothing.
    /// - Returns: `error` with the time after which it makes sense to ask again.
    mutating func failed(_ error: EntraError, answering answered: ClaimsChallenge?, at now: Instant) -> Outcome {
        isFetching = false
        let isOutdated = isFetchOutdated || (challenge != nil && challenge != answered)
        isFetchOutdated = false
        if error.kind == .refused, challenge == answered { challenge = nil }
        failuresInARow = error.kind == lastKind ? failuresInARow + 1 : 1
        lastKind = error.kind
        if isOutdated, error.reason != .throttled {
            failure = Failure(error: error, retryAt: now)
            return .outdated
        }
        return .failure(hold(error, for: policy.pause(after: error, count: failuresInARow), at: now))
    }

    /// Drops `rejected` if it is the present token, and nothing newer.
    ///
    /// A few rejections cost nothing. Where one young token after the other is rejected, fresh ones do not help: the pauses
    /// between them grow, so that a Graph that says 401 to everything does not make us hammer Entra.
    ///
    /// - Parameter challenge: what the next token has to bring.
    /// - Returns: whether it was dropped.
    mutating func drop(_ rejected: AccessToken, challenge: ClaimsChallenge?, at now: Instant) -> Bool {
        guard let token, token.serial == rejected.serial else { return false }
        self.token = nil
        self.challenge = challenge ?? self.challenge
        renewsAt = nil
        rejectionsInARow = now - token.obtainedAt < policy.youth ? rejectionsInARow + 1 : 1
        if rejectionsInARow > policy.freeRejections, failure == nil {
            let error = EntraError(
                .unavailable,
                reason: .tokenRejected,
                detail: "Graph rejected \(rejectionsInARow) fresh access tokens in a row"
            )
            _ = hold(error, for: policy.backoff(rejectionsInARow - policy.freeRejections), at: now)
        }
        return true
    }

    /// Whether the 403 that `token` met is a reason to fetch a new one now. If so, that fetch has begun.
    mutating func beginRenewal(afterForbidden token: AccessToken, at now: Instant) -> Bool {
        guard let present = self.token, present.serial == token.serial else { return false }
        if let last = lastForbiddenRenewal, now - last < policy.forbiddenInterval { return false }
        guard beginFetch(at: now) else { return false }
        lastForbiddenRenewal = now
        return true
    }

    /// Something changed that only a new token shows, a credential for example: one is fetched now, whatever pause lasts,
    /// unless Entra asked to be left alone. A fetch in flight is followed by another.
    ///
    /// - Returns: whether a fetch has begun.
    mutating func beginRenewal(at now: Instant) -> Bool {
        if isFetching {
            isFetchOutdated = true
            return false
        }
        if let failure, failure.error.reason != .throttled { self.failure?.retryAt = now }
        renewsAt = now
        return beginFetch(at: now)
    }

    private func isRenewalDue(at now: Instant) -> Bool { renewsAt.map { $0 <= now } ?? true }

    /// `false` while a fetch is in flight or a pause lasts.
    private mutating func beginFetch(at now: Instant) -> Bool {
        guard !isFetching, failure.map({ $0.retryAt <= now }) ?? true else { return false }
        isFetching = true
        return true
    }

    private mutating func hold(_ error: EntraError, for pause: Duration, at now: Instant) -> EntraError {
        var error = error
        error.retryAfter = pause
        failure = Failure(error: error, retryAt: now.advanced(by: pause))
        return error
    }
}
