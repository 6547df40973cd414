import Activity
import Graph
import KeyRing
import TestSupport
import Transport

/// A history on a clock that a test turns, and what it shows.
struct Kept {
    /// A whole minute by the time of day: 2026-03-02T08:15:00Z.
    static let start = Timestamp(secondsSince1970: 1_772_439_300)

    let clock = ManualClock()
    let history: RequestHistory
    private let begun: ContinuousClock.Instant
    private let time: Timestamp

    init(time: Timestamp = start) {
        self.time = time
        begun = clock.now
        history = RequestHistory(clock: clock, time: time)
    }

    /// - Parameter set: how far the time of day was set since the start.
    func reading(set: Duration = .zero) -> RequestHistory.Reading { history.reading(at: now + set) }

    var now: Timestamp { time + (clock.now - begun) }

    /// What the present minute shows.
    var minute: Minute? { reading().minutes.last }
}

extension RequestSummary {
    static func sample(
        status: Int = 200,
        duration: Duration = .milliseconds(5),
        requestID: String = "request",
        caller: String? = nil,
        keyID: KeyID? = nil,
        outcome: String? = nil,
        isReplay: Bool = false
    ) -> RequestSummary {
        var summary = RequestSummary(
            requestID: requestID,
            startedAt: .now,
            duration: duration,
            method: "POST",
            route: "/profiles/{profileId}/token",
            status: status
        )
        summary.caller = caller
        summary.keyID = keyID
        summary.outcome = outcome
        summary.isReplay = isReplay
        return summary
    }

    /// The same with something asked of Graph.
    var withAttempt: RequestSummary {
        var summary = self
        let attempt = GraphAttempt(
            operation: .createToken,
            purpose: .send,
            number: 1,
            startedAt: .now,
            clientRequestID: "client-request-id",
            status: 204,
            requestID: nil,
            error: nil,
            duration: duration
        )
        summary.attempts = [Attempt(attempt, offset: .zero)]
        return summary
    }
}

extension KeyID {
    /// Another one for each number.
    static func sample(_ number: Int) -> KeyID {
        let digits = Array("abcdefghijklmnopqrstuvwxyz234567")
        return KeyID(String((0..<KeyID.length).map { digits[number >> (5 * $0) & 31] }))!
    }
}

/// Whether what was read of `duration` is as near as is promised.
func isNear(_ read: Duration?, _ duration: Duration) -> Bool {
    guard let read else { return false }
    return max(read - duration, duration - read) <= duration / 16
}
