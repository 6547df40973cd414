import Settings
import Synchronization
import Transport

/// Counts wrong keys by where they come from.
///
/// Of a fixed size, whatever comes: a place belongs to one of so many sets, and the place longest without a new interval gives way
/// to a new one in its set. Who can ask from thousands of networks can make the table forget; it never makes it grow, and a right
/// key is not refused whatever the table holds.
final class FailureTable: Sendable {
    static let sets = 1024
    static let placesOfSet = 4
    static let capacity = sets * placesOfSet

    private struct Place {
        var source: SourceNetwork
        var begun: ContinuousClock.Instant
        var wrong: Int
    }

    private let limit: SettingRate
    private let clock: any MonotonicClock
    /// Each process hashes in its own way, so that nobody can choose addresses that meet in one set.
    private let places = Mutex([Place?](repeating: nil, count: capacity))

    init(limit: SettingRate, clock: any MonotonicClock) {
        self.limit = limit
        self.clock = clock
    }

    /// Notes a wrong key. Returns how long the network has to wait once it is over the limit, else `nil`.
    func wrongKey(from source: SourceNetwork) -> Duration? {
        let now = clock.now
        var hasher = Hasher()
        hasher.combine(source)
        let first = Int(UInt(bitPattern: hasher.finalize()) % UInt(Self.sets)) * Self.placesOfSet
        return places.withLock { places in
            let set = first..<(first + Self.placesOfSet)
            let index = set.first { places[$0]?.source == source } ?? Self.oldest(in: set, of: places)
            var place = places[index] ?? Place(source: source, begun: now, wrong: 0)
            if place.source != source || now - place.begun >= limit.interval {
                place = Place(source: source, begun: now, wrong: 0)
            }
            place.wrong += 1
            places[index] = place
            return place.wrong > limit.count ? limit.interval - (now - place.begun) : nil
        }
    }

    var rememberedCount: Int { places.withLock { $0.count { $0 != nil } } }

    private static func oldest(in set: Range<Int>, of places: [Place?]) -> Int {
        set.min { left, right in
            guard let first = places[left] else { return true }
            guard let second = places[right] else { return false }
            return first.begun < second.begun
        } ?? set.lowerBound
    }
}
