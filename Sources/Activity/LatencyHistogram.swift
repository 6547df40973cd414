/// How long requests took, in buckets that grow with what they hold.
///
/// What is read from it is off by at most a sixteenth. What took less than ``shortest`` or more than ``longest`` counts as just that.
struct LatencyHistogram: Sendable {
    static let shortest = Duration.microseconds(64)
    /// Some two minutes: more than any request may take.
    static let longest = Duration.microseconds(1 << 27)

    /// Of each doubling so many parts are told apart, equally wide: as many as three binary digits name.
    private static let digits = 3
    private static let firstDoubling = 6

    /// 21 doublings.
    private var counts = InlineArray<168, UInt32>(repeating: 0)

    mutating func add(_ duration: Duration) { counts[bucket(of: duration)] &+= 1 }

    /// What `share` of all, from 0 to 1, took at most; `nil` where there are none.
    func quantile(_ share: Double) -> Duration? {
        var total = 0
        for bucket in counts.indices { total += Int(counts[bucket]) }
        guard total > 0 else { return nil }
        let rank = max(1, Int((share * Double(total)).rounded(.up)))
        var seen = 0
        for bucket in counts.indices {
            seen += Int(counts[bucket])
            if seen >= rank { return middle(of: bucket) }
        }
        return middle(of: counts.count - 1)
    }

    private func bucket(of duration: Duration) -> Int {
        let (seconds, attoseconds) = duration.components
        guard seconds >= 0, seconds < Self.longest.components.seconds + 1 else {
            return seconds < 0 ? 0 : counts.count - 1
        }
        let microseconds = Int(seconds) * 1_000_000 + Int(attoseconds / 1_000_000_000_000)
        guard microseconds >= 1 << Self.firstDoubling else { return 0 }
        let doubling = Int.bitWidth - 1 - microseconds.leadingZeroBitCount
        let part = (microseconds >> (doubling - Self.digits)) & (1 << Self.digits - 1)
        return min((doubling - Self.firstDoubling) << Self.digits + part, counts.count - 1)
    }

    private func middle(of bucket: Int) -> Duration {
        let parts = 1 << Self.digits
        let (doubling, part) = (bucket / parts + Self.firstDoubling, bucket % parts)
        let width = 1 << (doubling - Self.digits)
        return .microseconds((parts + part) * width + width / 2)
    }
}
