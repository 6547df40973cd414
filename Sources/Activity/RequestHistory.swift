package import KeyRing
import Synchronization
package import Transport

/// What was asked and answered lately, in memory: the last requests one by one, the last hour minute by minute, and each key's use.
///
/// Of bounded size, whatever is asked. Time is told by the monotonic clock; the time of day is for what is shown alone, so that setting
/// it moves nothing.
package final class RequestHistory: Sendable {
    /// So many requests of callers are kept one by one, so many of strangers, and so many of both are shown.
    package static let mostRequests = 100
    /// So many of those that are shown may be strangers' at the callers' expense: without a key that is known, or no request at all.
    package static let fewestStrangers = 30
    /// So many minutes are kept.
    package static let minutes = 60

    /// What was kept at one moment.
    package struct Reading: Sendable {
        /// Part of their names.
        package var start = ""
        /// The newest first.
        package var requests: [Numbered] = []
        /// The last hour, the oldest first, the present minute last: always ``RequestHistory/minutes`` of them.
        package var minutes: [Minute] = []
        /// Of the keys that were used since the start.
        package var keys: [KeyID: KeyUse] = [:]
        /// Of the one key without an id.
        package var single = KeyUse()

        package init() {}
    }

    /// A request with its place since the start, from 1.
    package struct Numbered: Sendable {
        package var number: Int
        package var request: RequestSummary

        package init(number: Int, request: RequestSummary) {
            self.number = number
            self.request = request
        }
    }

    /// How a key was used.
    package struct KeyUse: Sendable, Equatable {
        /// `nil`: never since the start.
        package var lastUsed: Timestamp?
        /// In the last hour, to five minutes; refused ones among them.
        package var requests = 0
        /// In the last hour: answered with 401, 403 or 429.
        package var refusals = 0

        package init(lastUsed: Timestamp? = nil, requests: Int = 0, refusals: Int = 0) {
            self.lastUsed = lastUsed
            self.requests = requests
            self.refusals = refusals
        }
    }

    private struct State {
        var last = LastRequests()
        var minutes = RecentMinutes()
        var keys = KeyUses()
    }

    private let clock: any MonotonicClock
    /// When the first minute began: a whole one by the time of day.
    private let begun: ContinuousClock.Instant
    private let state = Mutex(State())
    /// Part of its requests' names.
    private let start: String

    /// - Parameter time: of day.
    package init(clock: any MonotonicClock = ContinuousClock(), time: Timestamp = .now) {
        self.clock = clock
        start = RequestName.start(at: time)
        let second = time.secondsSince1970.truncatingRemainder(dividingBy: 60)
        begun = clock.now.advanced(by: .seconds(-max(0, second)))
    }

    /// Keeps a request that was answered at `instant`, or now.
    package func add(_ request: RequestSummary, at instant: ContinuousClock.Instant? = nil) {
        let instant = instant ?? clock.now
        let minute = minute(at: instant)
        // What makes room is let go of when nobody waits for it.
        _ = state.withLock { state in
            state.minutes.add(request, in: minute)
            if request.caller != nil {
                state.keys.add(request.keyID, status: request.status, in: minute, at: instant)
            }
            return state.last.add(request)
        }
    }

    /// The present contents.
    ///
    /// - Parameter now: the time of day.
    package func reading(at now: Timestamp = .now) -> Reading {
        let instant = clock.now
        let present = minute(at: instant)
        var reading = Reading()
        let (requests, slots, single) = state.withLock { ($0.last.all, $0.minutes.copy, $0.keys.single) }
        reading.start = start
        reading.requests = requests
        reading.minutes = slots.hour(to: present) { number in
            let age = instant - begun.advanced(by: .seconds(60) * number)
            return Timestamp(secondsSince1970: (now - age).secondsSince1970.rounded())
        }
        func shown(_ use: KeyUses.Use) -> KeyUse {
            let sums = use.sums(in: present / KeyUses.minutesInSlice)
            let lastUsed = use.lastUsed.map { now - max(.zero, instant - $0) }
            return KeyUse(lastUsed: lastUsed, requests: sums.requests, refusals: sums.refusals)
        }
        reading.single = shown(single)
        let uses = uses()
        reading.keys.reserveCapacity(uses.count)
        for use in uses { reading.keys[use.key] = shown(use.use) }
        return reading
    }

    /// One of the last requests; `nil` where it is no more, or was another start's.
    package func request(_ name: RequestName) -> RequestSummary? { name.start == start ? request(name.number) : nil }

    /// One of this start's.
    package func request(_ number: Int) -> RequestSummary? { state.withLock { $0.last[number] } }

    /// A piece at a time: requests do not wait while ten thousand keys are copied.
    private func uses() -> [(key: KeyID, use: KeyUses.Use)] {
        var uses: [(key: KeyID, use: KeyUses.Use)] = []
        while true {
            let piece = state.withLock { Array($0.keys.uses.dropFirst(uses.count).prefix(Self.keysInPiece)) }
            if piece.isEmpty { return uses }
            uses += piece
        }
    }

    private static let keysInPiece = 200

    private func minute(at instant: ContinuousClock.Instant) -> Int {
        max(0, Int((instant - begun).components.seconds) / 60)
    }
}
