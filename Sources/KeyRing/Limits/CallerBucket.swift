import Synchronization

/// The permits of one caller, for all of its keys that have the same rate.
///
/// A token bucket in the form of the generic cell rate algorithm: all that is kept is when the bucket would be full again.
package final class CallerBucket: Sendable {
    /// Whose bucket it is.
    struct Owner: Hashable {
        var caller: String
        var rate: CallerRate
    }

    private let rate: CallerRate
    private let fullAt: Mutex<ContinuousClock.Instant?> = Mutex(nil)

    package init(_ rate: CallerRate) { self.rate = rate }

    /// What a caller has left.
    package struct Quota: Sendable, Equatable {
        /// So many requests at once, in so much time: the bucket's size, and how long it takes to fill.
        package var limit: Int
        package var window: Duration
        package var remaining: Int
        /// Until everything is back.
        package var reset: Duration
        /// Until the next one is there; `nil` for a request that may go on.
        package var wait: Duration?
    }

    /// Takes one permit where there is one.
    package func take(at now: ContinuousClock.Instant) -> Quota {
        fullAt.withLock { fullAt in
            let present = max(fullAt ?? now, now)
            let next = present + rate.interval
            let over = (next - now) - rate.fillTime
            guard over <= .zero else { return quota(full: present - now, wait: over) }
            fullAt = next
            return quota(full: next - now, wait: nil)
        }
    }

    private func quota(full: Duration, wait: Duration?) -> Quota {
        Quota(
            limit: rate.burst,
            window: rate.fillTime,
            remaining: max(0, Int((rate.fillTime - full) / rate.interval)),
            reset: full,
            wait: wait
        )
    }
}
