import Entra
import Settings
import Synchronization

/// Gives access tokens at once. The second asker is the first `createToken`: before it has its token, a test may do something.
///
/// The first one asks for reading the profile, which a gateway that knows nothing of it does before it sends.
final class ScriptedAccessTokens: AccessTokenSource {
    private let asked = Mutex(0)
    private let beforeSend: @Sendable () async -> Void

    init(beforeSend: @escaping @Sendable () async -> Void) { self.beforeSend = beforeSend }

    func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken {
        let count = asked.withLock { asked in
            asked += 1
            return asked
        }
        if count == 2 { await beforeSend() }
        return AccessToken(
            serial: UInt64(count),
            value: Secret("access-token-\(count)"),
            obtainedAt: .now,
            expiresAt: .now + .seconds(3600)
        )
    }

    func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async {}
    func renewAfterForbidden(_ token: AccessToken) async {}
}
