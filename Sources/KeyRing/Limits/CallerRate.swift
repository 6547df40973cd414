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
    var interval: Duration { rate.interval / rate.count }

    /// The time in which an empty bucket is full again.
    var fillTime: Duration { interval * burst }
}
