import KeyRing
import Transport

/// How each key was used in the last hour, in slices of five minutes, and when it was used last.
struct KeyUses: Sendable {
    /// So many keys are told apart, in the order in which they are used first; those after them are not kept. One takes some 200 bytes.
    /// Ids come from the key ring alone, whose largest file holds about as many: only replacing keys for years gets beyond.
    static let mostKeys = 50_000
    /// A slice is so many minutes.
    static let minutesInSlice = 5

    struct Use: Sendable {
        fileprivate(set) var lastUsed: ContinuousClock.Instant?
        /// The last one that was counted in.
        private var slice = 0
        private var requests = InlineArray<12, UInt32>(repeating: 0)
        private var refusals = InlineArray<12, UInt32>(repeating: 0)

        fileprivate mutating func add(isRefusal: Bool, in now: Int, at instant: ContinuousClock.Instant) {
            lastUsed = max(lastUsed ?? instant, instant)
            if slice < now {
                // What is over is emptied for what comes in its place.
                for number in max(slice + 1, now - requests.count + 1)...now {
                    requests[number % requests.count] = 0
                    refusals[number % refusals.count] = 0
                }
                slice = now
            }
            // One that was held up for an hour on its way here.
            guard now > slice - requests.count else { return }
            requests[now % requests.count] &+= 1
            if isRefusal { refusals[now % refusals.count] &+= 1 }
        }

        /// Of the slice `now` and the eleven before it: of the last 55 to 60 minutes.
        func sums(in now: Int) -> (requests: Int, refusals: Int) {
            var sums = (requests: 0, refusals: 0)
            for number in max(0, slice - requests.count + 1)...slice where number > now - requests.count {
                sums.requests += Int(requests[number % requests.count])
                sums.refusals += Int(refusals[number % refusals.count])
            }
            return sums
        }
    }

    private var places: [KeyID: Int] = [:]
    /// In the order in which they were used first; never fewer.
    private(set) var uses: [(key: KeyID, use: Use)] = []
    /// Of the one key without an id.
    private(set) var single = Use()

    mutating func add(_ key: KeyID?, status: Int, in minute: Int, at instant: ContinuousClock.Instant) {
        let isRefusal = status == 401 || status == 403 || status == 429
        let slice = minute / Self.minutesInSlice
        guard let key else { return single.add(isRefusal: isRefusal, in: slice, at: instant) }
        if let place = places[key] { return uses[place].use.add(isRefusal: isRefusal, in: slice, at: instant) }
        guard uses.count < Self.mostKeys else { return }
        places[key] = uses.count
        var use = Use()
        use.add(isRefusal: isRefusal, in: slice, at: instant)
        uses.append((key, use))
    }
}
