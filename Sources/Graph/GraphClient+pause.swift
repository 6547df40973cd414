import Traces
import Transport

extension GraphClient {
    /// Waits before Graph is asked once more: a step of the request's, as traces and metrics show it.
    ///
    /// - Throws: `CancellationError`.
    func pause(until instant: ContinuousClock.Instant) async throws {
        let begun = clock.now
        defer { metrics.waited(for: .pause, since: begun, until: clock.now) }
        let step = TraceSpan.step("pause")
        defer { step?.end() }
        try await clock.sleep(until: instant)
    }

    func pause(for duration: Duration) async throws { try await pause(until: clock.now.advanced(by: duration)) }
}
