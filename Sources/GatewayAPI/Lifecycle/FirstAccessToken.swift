package import Entra
package import Transport

/// The wait for the first access token: a caller that is let in before could only be sent away.
package struct FirstAccessToken: Sendable {
    package enum Outcome: Sendable {
        case arrived
        /// There is no time to wait at all.
        case notAwaited
        /// Entra has looked at the credential and said no. More time would change nothing.
        case refused(EntraError)
        /// The time is over. Why there is none yet, where that is known.
        case late(EntraError?)
        /// Nobody waits any more.
        case cancelled
    }

    private let tokens: any AccessTokenSource
    private let limit: Duration
    private let clock: any MonotonicClock

    /// - Parameter limit: how long to wait at most; with zero there is no wait.
    package init(of tokens: any AccessTokenSource, limit: Duration, clock: any MonotonicClock) {
        self.tokens = tokens
        self.limit = limit
        self.clock = clock
    }

    /// Failures that may pass are waited out, however many there are.
    package func wait() async -> Outcome {
        guard limit > .zero else { return .notAwaited }
        let end = clock.now.advanced(by: limit)
        var lastError: EntraError?
        while clock.now < end {
            do throws(EntraError) {
                _ = try await tokens.accessToken(deadline: end)
                return .arrived
            } catch {
                if Task.isCancelled { return .cancelled }
                if error.kind == .refused { return .refused(error) }
                if error.reason != .waitEnded { lastError = error }
                let pause = clock.now.advanced(by: error.retryAfter ?? .seconds(1))
                guard (try? await clock.sleep(until: min(pause, end))) != nil else { return .cancelled }
            }
        }
        return Task.isCancelled ? .cancelled : .late(lastError)
    }
}
