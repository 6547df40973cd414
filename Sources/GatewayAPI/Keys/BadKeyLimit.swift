import Settings
import Synchronization
import Transport

/// Counts wrong keys by the address that they come from.
///
/// Who is over the limit hears 429 for a wrong key; a right key is served all the same, so that one broken script does not
/// lock out everybody behind the same address.
final class BadKeyLimit: Sendable {
    /// So many addresses are remembered; at more, those of the oldest intervals are forgotten first.
    static let capacity = 4096

    private struct Count {
        var begun: ContinuousClock.Instant
        var wrong: Int
    }

    private let limit: SettingRate
    private let clock: any MonotonicClock
    private let counts = Mutex<[String: Count]>([:])

    init(limit: SettingRate, clock: any MonotonicClock) {
        self.limit = limit
        self.clock = clock
    }

    /// Notes a wrong key. Returns how long the address has to wait once it is over the limit, else `nil`.
    func wrongKey(from address: String) -> Duration? {
        let now = clock.now
        return counts.withLock { counts in
            if counts[address] == nil, counts.count >= Self.capacity {
                Self.prune(&counts, now: now, interval: limit.interval)
            }
            var count = counts[address] ?? Count(begun: now, wrong: 0)
            if now - count.begun >= limit.interval { count = Count(begun: now, wrong: 0) }
            count.wrong += 1
            counts[address] = count
            return count.wrong > limit.count ? limit.interval - (now - count.begun) : nil
        }
    }

    var rememberedCount: Int { counts.withLock { $0.count } }

    private static func prune(_ counts: inout [String: Count], now: ContinuousClock.Instant, interval: Duration) {
        counts = counts.filter { now - $0.value.begun < interval }
        guard counts.count >= capacity else { return }
        for (address, _) in counts.sorted(by: { $0.value.begun < $1.value.begun }).prefix(capacity / 8) {
            counts[address] = nil
        }
    }
}
