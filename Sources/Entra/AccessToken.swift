package import Settings

/// An OAuth 2.0 bearer token for Graph (RFC 6750). Opaque: nothing here reads what is inside.
package struct AccessToken: Sendable {
    /// Tells one token from the next without showing either; grows with each token that a cache obtains.
    package let serial: UInt64
    package let value: Secret
    package let obtainedAt: ContinuousClock.Instant
    /// When Entra says that it ends, by the monotonic clock.
    package let expiresAt: ContinuousClock.Instant

    package init(
        serial: UInt64,
        value: Secret,
        obtainedAt: ContinuousClock.Instant,
        expiresAt: ContinuousClock.Instant
    ) {
        self.serial = serial
        self.value = value
        self.obtainedAt = obtainedAt
        self.expiresAt = expiresAt
    }

    /// How long it lives from its beginning.
    package var life: Duration { expiresAt - obtainedAt }
}

/// Where access tokens come from.
package protocol AccessTokenSource: Sendable {
    /// A token that is good now, at once when one is at hand.
    ///
    /// - Parameter deadline: how long this caller waits. Its end does not end the fetch that others wait for too.
    /// - Throws: ``EntraError``.
    func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken

    /// Graph answered 401 to `token`: that one, and no newer, is given out no more.
    ///
    /// - Parameter challenge: the claims that the next token has to bring, where Graph named some.
    func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async

    /// Graph answered 403: consent may have been granted since the token was made (its roles are fixed). A new one is
    /// fetched in the background, and at most every few minutes.
    func renewAfterForbidden(_ token: AccessToken) async
}
