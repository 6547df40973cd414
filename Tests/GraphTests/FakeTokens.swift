import Entra
import Settings
import Synchronization
import TestSupport
import Transport

/// A source of access tokens that a test watches. A token that was invalidated is followed by another one.
final class FakeTokens: AccessTokenSource {
    static let prefix = "access-canary-"
    typealias Delay = @Sendable (Int, ContinuousClock.Instant) async throws(EntraError) -> Void

    private struct State {
        var serial: UInt64 = 1
        var asked = 0
        var invalidated: [UInt64] = []
        var renewed: [UInt64] = []
        var deadlines: [ContinuousClock.Instant] = []
    }

    private let clock: ManualClock
    private let prefix: String
    private let delay: Delay
    private let state = Mutex(State())

    /// - Parameter delay: what happens before the n-th asker, counted from zero, has its token.
    init(clock: ManualClock, prefix: String, delay: @escaping Delay) {
        self.clock = clock
        self.prefix = prefix
        self.delay = delay
    }

    var invalidated: [UInt64] { state.withLock(\.invalidated) }
    var renewed: [UInt64] { state.withLock(\.renewed) }
    var deadlines: [ContinuousClock.Instant] { state.withLock(\.deadlines) }

    func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken {
        let index = state.withLock { state in
            state.deadlines.append(deadline)
            state.asked += 1
            return state.asked - 1
        }
        try await delay(index, deadline)
        let serial = state.withLock(\.serial)
        return AccessToken(
            serial: serial,
            value: Secret(prefix + String(serial)),
            obtainedAt: clock.now,
            expiresAt: clock.now.advanced(by: .seconds(3600))
        )
    }

    func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async {
        state.withLock {
            $0.invalidated.append(token.serial)
            if token.serial == $0.serial { $0.serial += 1 }
        }
    }

    func renewAfterForbidden(_ token: AccessToken) async { state.withLock { $0.renewed.append(token.serial) } }
}
