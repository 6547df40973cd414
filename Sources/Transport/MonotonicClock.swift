/// The clock that deadlines, retries and token lives are judged by.
///
/// It never jumps when the wall clock is set. Tests inject one that they turn by hand.
package protocol MonotonicClock: Sendable {
    /// The present instant.
    var now: ContinuousClock.Instant { get }

    /// Suspends until `instant`. Throws `CancellationError` when the task is cancelled before.
    func sleep(until instant: ContinuousClock.Instant) async throws
}

extension MonotonicClock {
    /// Suspends for `duration`. Throws `CancellationError` when the task is cancelled before.
    package func sleep(for duration: Duration) async throws {
        try await sleep(until: now.advanced(by: duration))
    }
}

extension ContinuousClock: MonotonicClock {
    package func sleep(until instant: Instant) async throws {
        try await sleep(until: instant, tolerance: nil)
    }
}
