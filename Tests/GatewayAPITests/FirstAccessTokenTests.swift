import Entra
import NIOConcurrencyHelpers
import Settings
import TestSupport
import Testing
import Transport

@testable import GatewayAPI

@Suite("The wait for the first access token", .timeLimit(.minutes(5)))
struct FirstAccessTokenTests {
    /// Answers in turn with what it was given; then with its last word.
    private final class Source: AccessTokenSource {
        typealias Answer = @Sendable (ContinuousClock.Instant) async throws(EntraError) -> AccessToken
        private let answers: NIOLockedValueBox<[Answer]>

        init(_ answers: [Answer]) { self.answers = NIOLockedValueBox(answers) }

        func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken {
            let answer = answers.withLockedValue { $0.count > 1 ? $0.removeFirst() : $0[0] }
            return try await answer(deadline)
        }
        func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async {}
        func renewAfterForbidden(_ token: AccessToken) async {}
    }

    private static let token: Source.Answer = { now in
        AccessToken(serial: 1, value: Secret("token"), obtainedAt: now, expiresAt: now.advanced(by: .seconds(60)))
    }

    private static func failure(_ kind: EntraError.Kind, _ reason: EntraError.Reason, retryAfter: Duration? = nil)
        -> Source.Answer
    {
        { _ throws(EntraError) in throw EntraError(kind, reason: reason, retryAfter: retryAfter, detail: "") }
    }

    private func wait(_ answers: [Source.Answer], limit: Duration = .seconds(10), _ clock: ManualClock) async -> String
    {
        switch await FirstAccessToken(of: Source(answers), limit: limit, clock: clock).wait() {
        case .arrived: "arrived"
        case .notAwaited: "not awaited"
        case .refused(let error): "refused \(error.reason.rawValue)"
        case .late(let error): "late \(error?.reason.rawValue ?? "")"
        case .cancelled: "cancelled"
        }
    }

    @Test("a token that is there is not waited for")
    func atOnce() async {
        let clock = ManualClock()
        #expect(await wait([Self.token], clock) == "arrived")
        #expect(clock.sleeps == [])
    }

    @Test("failures that may pass are waited out, each for as long as it asks")
    func passing() async {
        let clock = ManualClock(automatic: true)
        let failures = [
            Self.failure(.unavailable, .unreachable, retryAfter: .seconds(2)),
            Self.failure(.unavailable, .serverError),
        ]
        #expect(await wait(failures + [Self.token], clock) == "arrived")
        #expect(clock.sleeps == [.seconds(2), .seconds(1)])
    }

    @Test("a refusal ends it at once")
    func refused() async {
        let clock = ManualClock()
        #expect(await wait([Self.failure(.refused, .secretWrong)], clock) == "refused secret-wrong")
    }

    @Test("it ends with its time, and tells the last reason")
    func late() async {
        let clock = ManualClock(automatic: true)
        let answers = [Self.failure(.unavailable, .unreachable, retryAfter: .seconds(30))]
        #expect(await wait(answers, clock) == "late unreachable")
        #expect(clock.sleeps == [.seconds(10)])
        #expect(await wait([Self.failure(.unavailable, .waitEnded)], clock) == "late ")
    }

    @Test("without a limit nobody waits")
    func none() async {
        #expect(await wait([Self.token], limit: .zero, ManualClock()) == "not awaited")
    }

    @Test("it ends when nobody waits for it any more")
    func cancelled() async {
        let clock = ManualClock()
        let waiting = Task { await wait([Self.failure(.unavailable, .unreachable)], clock) }
        await clock.waitForSleepers()
        waiting.cancel()
        #expect(await waiting.value == "cancelled")
    }
}
