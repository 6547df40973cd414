import Synchronization

/// What one caller has used up of the rates of its keys.
///
/// Token buckets in the form of the generic cell rate algorithm, one for each rate that a key of the caller has: all that is kept
/// is when each would be full again. A request is let through where the rate of its own key has a permit left, and then takes one
/// of every rate. So no second key makes a caller faster than its fastest key alone, and none is held up for longer than its own
/// rate asks for.
package final class CallerBucket: Sendable {
    private struct Level: Sendable {
        let rate: CallerRate
        var fullAt: ContinuousClock.Instant?

        func missing(at now: ContinuousClock.Instant) -> Duration { max((fullAt ?? now) - now, .zero) }

        /// Takes a permit, or what is left of one.
        mutating func take(at now: ContinuousClock.Instant) {
            fullAt = now + min(missing(at: now) + rate.interval, rate.fillTime)
        }
    }

    private let levels: Mutex<[Level]> = Mutex([])

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

        package init(rate: CallerRate, remaining: Int, reset: Duration, isGranted: Bool) {
            self.rate = rate
            self.remaining = remaining
            self.reset = reset
            self.isGranted = isGranted
        }
    }

    /// Those that are kept.
    var rates: [CallerRate] { levels.withLock { $0.map(\.rate) } }

    /// Keeps what was used up of these rates, and forgets all others.
    func hold(_ rates: Set<CallerRate>) {
        levels.withLock { levels in
            levels.removeAll { !rates.contains($0.rate) }
            for rate in rates where !levels.contains(where: { $0.rate == rate }) { levels.append(Level(rate: rate)) }
        }
    }

    /// Takes one permit where there is one.
    package func take(at now: ContinuousClock.Instant, _ rate: CallerRate) -> Quota {
        levels.withLock { levels in
            // A ring that was replaced this very moment may have other rates.
            if !levels.contains(where: { $0.rate == rate }) { levels.append(Level(rate: rate)) }
            let missing = levels.first { $0.rate == rate }?.missing(at: now) ?? .zero
            let taken = missing + rate.interval
            guard taken <= rate.fillTime else {
                return Quota(rate: rate, remaining: 0, reset: taken - rate.fillTime, isGranted: false)
            }
            for index in levels.indices { levels[index].take(at: now) }
            let used = rate.permits(of: taken)
            return Quota(
                rate: rate,
                remaining: rate.burst - used,
                reset: taken - rate.interval * (used - 1),
                isGranted: true
            )
        }
    }
}
