import Transport

/// Which permits are promised, and for when: the arithmetic of ``WritePacing``, without a clock and without waiting.
///
/// Each permit is due one interval after the permit that many places before it, and none before the one that came before.
/// Used ones are kept for as long as they bear on others.
struct PermitSchedule {
    private struct Permit {
        let id: UInt64
        var due: ContinuousClock.Instant
        var isUsed = false
    }

    /// What the holder of a permit has to do.
    enum Order: Equatable {
        case leave
        case wait(until: ContinuousClock.Instant)
        /// Its permit was put off past its deadline, and is given up.
        case giveUp(retryAfter: Duration)
    }

    private let limit: WriteLimit?
    private var permits: [Permit] = []
    private var lastID: UInt64 = 0
    private var closedUntil: ContinuousClock.Instant?

    init(limit: WriteLimit?) { self.limit = limit }

    /// Promises the next permit, if it is due by `deadline`.
    mutating func reserve(
        before deadline: ContinuousClock.Instant,
        now: ContinuousClock.Instant
    ) -> Result<UInt64, WritePacing.Refusal> {
        forgetSpent(now: now)
        let due = earliestDue(at: permits.endIndex, now: now)
        if due > deadline { return .failure(WritePacing.Refusal(retryAfter: due - now)) }
        lastID += 1
        permits.append(Permit(id: lastID, due: due))
        return .success(lastID)
    }

    /// What the holder of `id` has to do now.
    mutating func order(for id: UInt64, before deadline: ContinuousClock.Instant, now: ContinuousClock.Instant) -> Order
    {
        guard let position = permits.lastIndex(where: { $0.id == id }) else { return .leave }
        let due = permits[position].due
        if due <= now {
            permits[position].isUsed = true
            return .leave
        }
        if due <= deadline { return .wait(until: due) }
        permits.remove(at: position)
        return .giveUp(retryAfter: due - now)
    }

    /// The holder of `id` no longer wants it. Those behind keep what they were promised; who comes next profits.
    mutating func withdraw(_ id: UInt64) { permits.removeAll { $0.id == id && !$0.isUsed } }

    /// Puts off every permit that was not used yet. A shorter closing does not end a longer one.
    mutating func close(until instant: ContinuousClock.Instant, now: ContinuousClock.Instant) {
        closedUntil = max(closedUntil ?? instant, instant)
        for position in permits.indices where !permits[position].isUsed {
            permits[position].due = max(permits[position].due, earliestDue(at: position, now: now))
        }
    }

    private func earliestDue(at position: Int, now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        var due = max(now, closedUntil ?? now)
        if position > 0 { due = max(due, permits[position - 1].due) }
        if let limit, position >= limit.count {
            due = max(due, permits[position - limit.count].due.advanced(by: limit.interval))
        }
        return due
    }

    private mutating func forgetSpent(now: ContinuousClock.Instant) {
        let interval = limit?.interval ?? .zero
        let spent = permits.prefix { $0.isUsed && $0.due.advanced(by: interval) <= now }
        permits.removeFirst(spent.count)
    }
}
