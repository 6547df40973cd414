import Synchronization
package import Transport

/// Keeps the gateway's own writes under Graph's limit, and quiet for as long as Graph asks.
///
/// In no interval of the limit's length do more than its count leave. Permits are given in order of arrival. Who cannot have
/// one in time hears so at once; who waits already hears so when Graph closes the way for longer than that.
///
/// Graph counts rejected requests too, so that trying again early prolongs a throttling:
/// <https://learn.microsoft.com/graph/throttling>.
package final class WritePacing: Sendable {
    /// No permit in time.
    package struct Refusal: Error, Sendable, Equatable {
        /// When one would have been due; zero for a cancelled task.
        package var retryAfter: Duration
    }

    private let clock: any MonotonicClock
    private let schedule: Mutex<PermitSchedule>

    /// - Parameter limit: `nil` for none; Graph's own closing is obeyed all the same.
    package init(limit: WriteLimit?, clock: any MonotonicClock) {
        self.clock = clock
        schedule = Mutex(PermitSchedule(limit: limit))
    }

    /// Suspends until a write may leave.
    ///
    /// - Throws: ``Refusal``, without using a permit up, when that is not before `deadline` or when the task is cancelled.
    package func permit(before deadline: ContinuousClock.Instant) async throws(Refusal) {
        let id = try schedule.withLock { $0.reserve(before: deadline, now: clock.now) }.get()
        while true {
            switch schedule.withLock({ $0.order(for: id, before: deadline, now: clock.now) }) {
            case .leave: return
            case .giveUp(let retryAfter): throw Refusal(retryAfter: retryAfter)
            case .wait(let due):
                do {
                    try await clock.sleep(until: due)
                } catch {
                    schedule.withLock { $0.withdraw(id) }
                    throw Refusal(retryAfter: .zero)
                }
            }
        }
    }

    /// Nothing leaves for `duration`, for anybody. A shorter closing does not end a longer one.
    package func close(for duration: Duration) {
        schedule.withLock { $0.close(until: clock.now.advanced(by: duration), now: clock.now) }
    }
}
