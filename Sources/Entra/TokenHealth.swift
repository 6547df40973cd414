/// How a ``TokenCache`` stands at one moment, for readiness. All times count from that moment.
package struct TokenHealth: Sendable, Equatable {
    /// Whether a caller would get a token at once.
    package let hasUsableToken: Bool
    /// How long ago the present token was obtained.
    package let age: Duration?
    /// How long Entra says that it still lives; negative once it has ended.
    package let expiresIn: Duration?
    /// When the next one is fetched in the background; negative if that is overdue because Entra fails.
    package let renewsIn: Duration?
    package let isFetching: Bool
    /// Whether there was a token before, be it gone.
    package let hasHadToken: Bool
    /// What the present or last token's roles allow; `nil` before the first one.
    package let permission: TokenPermission?
    /// Why the last fetch failed; `nil` once one has succeeded. Its `retryAfter` is what is left of the pause.
    package let lastError: EntraError?

    init(_ state: TokenState, at now: ContinuousClock.Instant) {
        hasUsableToken = state.usableToken(at: now) != nil
        age = state.token.map { now - $0.obtainedAt }
        expiresIn = state.token.map { $0.expiresAt - now }
        renewsIn = state.renewsAt.map { $0 - now }
        isFetching = state.isFetching
        hasHadToken = state.hasHadToken
        permission = state.permission
        lastError = state.failure.map { failure in
            var error = failure.error
            error.retryAfter = max(failure.retryAt - now, .zero)
            return error
        }
    }
}
