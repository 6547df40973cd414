import Transport

/// The last hour, minute by minute. Minutes are known by their numbers, which only grow.
struct RecentMinutes: Sendable {
    struct Slot: Sendable {
        /// Below zero: it was never used.
        var number = -1
        /// Its start is put in where it is read.
        var counts = Minute(start: Timestamp(secondsSince1970: 0))
        var latencies = LatencyHistogram()
    }

    private var slots = [Slot](repeating: Slot(), count: RequestHistory.minutes)

    mutating func add(_ request: RequestSummary, in number: Int) {
        let place = number % slots.count
        if slots[place].number < number { slots[place] = Slot(number: number) }
        // One that was held up for an hour on its way here.
        guard slots[place].number == number else { return }
        slots[place].counts.add(request)
        if !request.isOwnRefusal { slots[place].latencies.add(request.duration) }
    }

    /// A copy that shares nothing: what is added afterwards must not have to copy all of it.
    var copy: [Slot] { slots.map(\.self) }
}

extension [RecentMinutes.Slot] {
    /// The hour that ends with the minute `last`, which is its last one; the oldest first.
    func hour(to last: Int, start: (Int) -> Timestamp) -> [Minute] {
        (last - count + 1...last).map { number in
            guard number >= 0, self[number % count].number == number else { return Minute(start: start(number)) }
            let slot = self[number % count]
            var minute = slot.counts
            minute.start = start(number)
            minute.medianLatency = slot.latencies.quantile(0.5)
            minute.highLatency = slot.latencies.quantile(0.95)
            return minute
        }
    }
}

extension Minute {
    fileprivate mutating func add(_ request: RequestSummary) {
        switch request.status {
        case 200..<300: succeeded += 1
        case 400..<500: refused += 1
        case 500..<600: failed += 1
        default: break
        }
        guard !request.isReplay else { return }
        switch request.outcome {
        case "created": created += 1
        case "revoked": revoked += 1
        case "not-created", "not-revoked": notDone += 1
        case "unknown": unknown += 1
        default: break
        }
    }
}
