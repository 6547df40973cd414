package import Settings

/// How often a caller may ask: so many in so much time, and so many at once.
package struct CallerRate: Sendable, Hashable {
    package static let greatestBurst = 1_000_000

    package let rate: SettingRate
    /// The bucket's size.
    package let burst: Int

    /// - Parameter burst: as many as the rate's count where it is left out.
    package init(_ rate: SettingRate, burst: Int? = nil) {
        self.rate = rate
        self.burst = burst ?? rate.count
    }

    /// The time in which one permit comes back.
    package var interval: Duration { rate.interval / rate.count }

    /// The time in which an empty bucket is full again.
    var fillTime: Duration { interval * burst }

    /// How many permits come back in a time, a begun one counted whole.
    func permits(of time: Duration) -> Int {
        let (whole, rest) = time.attoseconds.quotientAndRemainder(dividingBy: interval.attoseconds)
        return Int(whole) + (rest > 0 ? 1 : 0)
    }

    /// The same rate in whole seconds, as RateLimit-Policy tells it; a fraction of a request is left out.
    package var inWholeSeconds: (count: Int, seconds: Int) {
        let (seconds, rest) = rate.interval.attoseconds.quotientAndRemainder(dividingBy: Self.second)
        guard rest > 0 else { return (rate.count, Int(seconds)) }
        let window = seconds + 1
        return (Int(Int128(rate.count) * window * Self.second / rate.interval.attoseconds), Int(window))
    }

    /// In attoseconds.
    private static let second: Int128 = 1_000_000_000_000_000_000
}
