import Synchronization
package import Transport

/// Keeps the gateway's own writes under Graph's limit, and quiet for as long as Graph asks.
///
/// In no interval of the limit's length do more than its count leave: each permit is due one interval after the permit that
/// many places before it. Permits are given in order of arrival. Who cannot have one in time hears so at once.
///
/// Graph counts rejected requests too, so that trying again early prolongs a throttling:
/// <https://learn.microsoft.com/graph/throttling>.
package final class WritePacing: Sendable {
    /// No permit in time.
    package struct Refusal: Error, Sendable, Equatable {
        /// When one would have been due.
        package var retryAfter: Duration
    }

    private struct State {
        /// When the last permits were due; a ring, as long as the limit's count.
        var due: [ContinuousClock.Instant] = []
        var next = 0
        var closedUntil: ContinuousClock.Instant?
    }

    private let limit: WriteLimit?
    private let clock: any MonotonicClock
    private let state = Mutex(State())

    /// - Parameter limit: `nil` for none; Graph's own closing is obeyed all the same.
    package init(limit: WriteLimit?, clock: any MonotonicClock) {
        self.limit = limit
        self.clock = clock
    }

    /// Suspends until a write may leave.
    ///
    /// - Throws: ``Refusal`` at once, without using a permit up, when that is not before `deadline`.
    package func permit(before deadline: ContinuousClock.Instant) async throws(Refusal) {
        var due = try reserve(before: deadline)
        while due > clock.now {
            do { try await clock.sleep(until: due) } catch { throw Refusal(retryAfter: .zero) }
            // Graph may have closed the way while this one slept.
            due = state.withLock { $0.closedUntil } ?? due
            if due > deadline { throw Refusal(retryAfter: due - clock.now) }
        }
    }

    /// Nothing leaves for `duration`, for anybody. A shorter closing does not end a longer one.
    package func close(for duration: Duration) {
        let until = clock.now.advanced(by: duration)
        state.withLock { $0.closedUntil = max($0.closedUntil ?? until, until) }
    }

    private func reserve(before deadline: ContinuousClock.Instant) throws(Refusal) -> ContinuousClock.Instant {
        let now = clock.now
        let result = state.withLock { state -> Result<ContinuousClock.Instant, Refusal> in
            var due = max(now, state.closedUntil ?? now)
            if let limit, state.due.count == limit.count {
                due = max(due, state.due[state.next].advanced(by: limit.interval))
            }
            if due > deadline { return .failure(Refusal(retryAfter: due - now)) }
            guard let limit else { return .success(due) }
            if state.due.count < limit.count {
                state.due.append(due)
            } else {
                state.due[state.next] = due
                state.next = (state.next + 1) % limit.count
            }
            return .success(due)
        }
        return try result.get()
    }
}
