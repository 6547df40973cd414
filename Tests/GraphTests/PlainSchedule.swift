import Testing

@testable import Graph

/// What `PermitSchedule` has to do, said once more without its art: nothing is kept in order or up to date; rounds and places are
/// reckoned from what happened, from the beginning each time.
struct PlainSchedule {
    struct Asker {
        let id: UInt64
        let caller: String
        let deadline: ContinuousClock.Instant
        /// The present round when it asked.
        let asked: Int
    }

    struct Departure {
        let asker: Asker
        let time: ContinuousClock.Instant
    }

    let portion: WriteLimit?
    private(set) var waiting: [Asker] = []
    private(set) var departures: [Departure] = []
    private(set) var closedUntil: ContinuousClock.Instant
    private var present = 0
    private var lastRounds: [String: Int] = [:]

    init(portion: WriteLimit?, now: ContinuousClock.Instant) {
        self.portion = portion
        closedUntil = now
    }

    /// Where a place would be that is behind all that left, and `more`.
    func place(after more: [ContinuousClock.Instant] = [], now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        let open = max(now, closedUntil)
        guard let portion else { return open }
        // What is older than a portion does not count, and need not be looked at.
        let times = departures.suffix(portion.count).map(\.time) + more
        return times.count < portion.count
            ? open : max(open, times[times.count - portion.count].advanced(by: portion.interval))
    }

    mutating func reserve(
        _ id: UInt64,
        for caller: String,
        before deadline: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) {
        let isUnused = departures.last.map { $0.time.advanced(by: portion?.interval ?? .zero) <= now } ?? true
        let isCrowded = lastRounds.values.count { $0 >= present } > portion?.count ?? 0
        if waiting.isEmpty, isUnused || isCrowded { present += 1 }
        waiting.append(Asker(id: id, caller: caller, deadline: deadline, asked: present))
    }

    mutating func withdraw(_ id: UInt64) { waiting.removeAll { $0.id == id } }

    mutating func close(until instant: ContinuousClock.Instant) { closedUntil = max(closedUntil, instant) }

    mutating func settle(now: ContinuousClock.Instant) -> [UInt64: PermitSchedule.End] {
        var ends: [UInt64: PermitSchedule.End] = [:]
        var remaining = waiting
        var rounds = lastRounds
        var dues: [ContinuousClock.Instant] = []
        while true {
            let heads = Dictionary(remaining.map { ($0.caller, $0) }, uniquingKeysWith: { first, _ in first }).values
            func round(_ asker: Asker) -> Int { max(asker.asked, rounds[asker.caller].map { $0 + 1 } ?? 0) }
            guard let next = heads.min(by: { (round($0), $0.id) < (round($1), $1.id) }) else { return ends }
            remaining.removeAll { $0.id == next.id }
            // Those that leave now are among the departures already.
            let due = place(after: dues, now: now)
            if due > next.deadline {
                ends[next.id] = .refusal(retryAfter: due - now)
                withdraw(next.id)
                continue
            }
            rounds[next.caller] = round(next)
            if due > now {
                dues.append(due)
                continue
            }
            ends[next.id] = .leave
            withdraw(next.id)
            present = max(present, rounds[next.caller]!)
            lastRounds[next.caller] = rounds[next.caller]
            departures.append(Departure(asker: next, time: now))
        }
    }
}
