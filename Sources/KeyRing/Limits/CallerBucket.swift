import Synchronization

/// The permits of one caller, on which all of its keys draw.
///
/// A token bucket in the form of the generic cell rate algorithm: all that is kept is when the bucket would be full again. Each
/// request is measured by the rate of its own key. So a caller never goes faster than its fastest key allows, however many it
/// has, and a rate that is changed holds at once.
package final class CallerBucket: Sendable {
    private let fullAt: Mutex<ContinuousClock.Instant?> = Mutex(nil)

    package init() {}

    /// What a caller has left.
    package struct Quota: Sendable, Equatable {
        /// Of the key that was used.
        package var rate: CallerRate
        package var remaining: Int
        /// Until there is one more; never longer than the rate's time.
        package var reset: Duration
        /// Whether the request may go on. If not, it may once `reset` is over.
        package var isGranted: Bool
    }

    /// Takes one permit where there is one.
    package func take(at now: ContinuousClock.Instant, _ rate: CallerRate) -> Quota {
        fullAt.withLock { fullAt in
            // What was used up at a slower rate empties this bucket, and no more than that.
            let present = min(max(fullAt ?? now, now), now + rate.fillTime)
            let next = present + rate.interval
            let over = (next - now) - rate.fillTime
            let isGranted = over <= .zero
            fullAt = isGranted ? next : present
            guard isGranted else { return Quota(rate: rate, remaining: 0, reset: over, isGranted: false) }
            let missing = rate.permits(of: next - now)
            return Quota(
                rate: rate,
                remaining: rate.burst - missing,
                reset: (next - now) - rate.interval * (missing - 1),
                isGranted: true
            )
        }
    }
}
