import Transport

/// Who may leave when: the arithmetic of ``WritePacing``, without a clock and without waiting.
///
/// The places are a matter of time alone: each is one interval after the one that many places before it, and none comes before
/// the way is open. Who has which place is a matter of ``CallerRounds``, and of arrival within a round.
struct PermitSchedule {
    /// How a permit ends, which it does once.
    enum End: Equatable {
        /// It is used.
        case leave
        /// It has no place before its deadline, and takes none.
        case refusal(retryAfter: Duration)
    }

    private struct Permit {
        let id: UInt64
        let caller: String
        let deadline: ContinuousClock.Instant
        var round: Int
    }

    /// When somebody who waits has a place next, which nothing but a closing changes; `nil` when nobody waits.
    private(set) var nextDue: ContinuousClock.Instant?

    private let portion: WriteLimit?
    /// When permits left, in order; at least as many as bear on others.
    private var departures: [ContinuousClock.Instant] = []
    /// Those that wait, in order of round and arrival. The rounds of one caller follow each other without a gap.
    private var waiting: [Permit] = []
    private var rounds = CallerRounds()
    private var lastID: UInt64 = 0
    private var closedUntil: ContinuousClock.Instant?

    init(limit: WriteLimit?) { portion = limit?.portion }

    /// Callers that are kept in mind.
    var callerCount: Int { rounds.count }

    func fill(now: ContinuousClock.Instant) -> PacingFill {
        let closed = max(.zero, (closedUntil ?? now) - now)
        guard let portion else {
            return PacingFill(limit: nil, available: nil, waiting: waiting.count, closedFor: closed)
        }
        let begin = now.advanced(by: .zero - portion.interval)
        let used = departures.count { $0 > begin }
        let available = closed > .zero ? 0 : max(0, portion.count - used - waiting.count)
        return PacingFill(limit: portion.count, available: available, waiting: waiting.count, closedFor: closed)
    }

    // MARK: Changes. Each is in force with the next `settle`.

    /// Puts a permit among those that wait, be it for no time.
    mutating func reserve(
        for caller: String,
        before deadline: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> UInt64 {
        if waiting.isEmpty, isQuiet(now: now) { rounds.beginAnew() }
        lastID += 1
        let permit = Permit(id: lastID, caller: caller, deadline: deadline, round: rounds.next(for: caller))
        waiting.insert(permit, at: waiting.firstIndex { $0.round > permit.round } ?? waiting.endIndex)
        return permit.id
    }

    /// The holder of `id` no longer wants it. Those behind it move up.
    mutating func withdraw(_ id: UInt64) {
        if let place = waiting.firstIndex(where: { $0.id == id }) { remove(at: place) }
    }

    /// Lets nothing leave before `instant`. A shorter closing does not end a longer one.
    mutating func close(until instant: ContinuousClock.Instant) {
        closedUntil = max(closedUntil ?? instant, instant)
    }

    // MARK: What follows from them

    /// Gives those that wait their places, and ends the permits whose place is now or too late.
    mutating func settle(now: ContinuousClock.Instant) -> [(id: UInt64, end: End)] {
        var ends: [(id: UInt64, end: End)] = []
        var dues: [ContinuousClock.Instant] = []
        while dues.count < waiting.count {
            let due = nextPlace(after: dues, now: now)
            let permit = waiting[dues.count]
            if due <= permit.deadline {
                dues.append(due)
            } else {
                ends.append((permit.id, .refusal(retryAfter: due - now)))
                remove(at: dues.count)
            }
        }
        let leaving = dues.prefix { $0 <= now }.count
        for permit in waiting.prefix(leaving) {
            rounds.reach(permit.round)
            ends.append((permit.id, .leave))
        }
        waiting.removeFirst(leaving)
        record(leaving, now: now)
        nextDue = dues.dropFirst(leaving).first
        return ends
    }

    /// The place behind those of `dues`.
    private func nextPlace(
        after dues: [ContinuousClock.Instant],
        now: ContinuousClock.Instant
    ) -> ContinuousClock.Instant {
        let open = max(now, closedUntil ?? now)
        guard let portion, departures.count + dues.count >= portion.count else { return open }
        let before = dues.count - portion.count
        let last = before < 0 ? departures[departures.count + before] : dues[before]
        return max(open, last.advanced(by: portion.interval))
    }

    /// Takes a permit away as if it had never been: its caller's later ones come a round earlier each. Nobody is put off by
    /// that: at most one of them passes another permit, and that one moves up by what was taken away.
    private mutating func remove(at place: Int) {
        let caller = waiting.remove(at: place).caller
        rounds.giveBack(caller)
        var hasLater = false
        for later in waiting.indices[place...] where waiting[later].caller == caller {
            waiting[later].round -= 1
            hasLater = true
        }
        if hasLater { waiting[place...].sort { ($0.round, $0.id) < ($1.round, $1.id) } }
    }

    private mutating func record(_ count: Int, now: ContinuousClock.Instant) {
        guard let portion else { return }
        departures.append(contentsOf: repeatElement(now, count: count))
        // Not at each departure, because the array moves up as a whole.
        if departures.count >= 2 * portion.count { departures.removeFirst(departures.count - portion.count) }
    }

    /// What was used bears on nobody any more; or more callers than a portion has places had the present round, and to keep
    /// them all in mind would be without bounds.
    private func isQuiet(now: ContinuousClock.Instant) -> Bool {
        guard let portion, let last = departures.last else { return true }
        return last.advanced(by: portion.interval) <= now || rounds.count > portion.count
    }
}
