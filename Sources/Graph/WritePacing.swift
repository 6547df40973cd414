import Synchronization
package import Transport

/// Keeps the gateway's own writes under Graph's limit, and quiet for as long as Graph asks.
///
/// In no interval of the limit's length do more than its count leave; they leave in smaller portions, as
/// ``WriteLimit/portion`` has it. Among those who wait each caller has its turn, so that none has to wait for what another one
/// asks too much. Who cannot have a permit in time hears so at once: who comes, and who waits already and is put off too far
/// by others or by Graph.
///
/// Graph counts rejected requests too, so that trying again early prolongs a throttling:
/// <https://learn.microsoft.com/graph/throttling>.
package final class WritePacing: Sendable {
    /// No permit in time.
    package struct Refusal: Error, Sendable, Equatable {
        /// When one would have been due; zero for a cancelled task.
        package var retryAfter: Duration
    }

    private typealias End = PermitSchedule.End
    private typealias Waiter = CheckedContinuation<End, Never>

    /// What became of who asked. `arriving` becomes `waiting` or `ended`; both are forgotten when who asked knows its end.
    private enum Asker {
        /// On its way to its wait.
        case arriving
        case waiting(Waiter)
        /// Its end came before its wait began.
        case ended(End)
    }

    private struct State {
        var schedule: PermitSchedule
        var askers: [UInt64: Asker] = [:]
        var hasAlarm = false

        /// Who is to hear of its end now; `nil` when it does not wait yet.
        mutating func end(_ id: UInt64, with end: End) -> Waiter? {
            guard case .waiting(let waiter) = askers[id] else {
                askers[id] = .ended(end)
                return nil
            }
            askers[id] = nil
            return waiter
        }
    }

    private let clock: any MonotonicClock
    private let state: Mutex<State>

    /// - Parameter limit: `nil` for none; Graph's own closing is obeyed all the same.
    package init(limit: WriteLimit?, clock: any MonotonicClock) {
        self.clock = clock
        state = Mutex(State(schedule: PermitSchedule(limit: limit)))
    }

    /// Those who asked and do not know yet what they get.
    var waitingCount: Int { state.withLock(\.askers.count) }

    /// How far the limit is used up.
    package var fill: PacingFill {
        let now = clock.now
        return state.withLock { $0.schedule.fill(now: now) }
    }

    /// Suspends until a write may leave.
    ///
    /// - Parameter caller: whose write it is. Callers share the permits evenly, however much each asks for.
    /// - Throws: ``Refusal``, without using a permit up, as soon as it is known that there is none before `deadline`, or when
    ///   the task is cancelled.
    package func permit(
        for caller: String,
        before deadline: ContinuousClock.Instant
    ) async throws(Refusal) {
        let id = change { state, now in
            let id = state.schedule.reserve(for: caller, before: deadline, now: now)
            state.askers[id] = .arriving
            return id
        }
        let end = await withTaskCancellationHandler {
            await withCheckedContinuation { self.enqueue($0, id: id) }
        } onCancel: {
            self.withdraw(id)
        }
        if case .refusal(let retryAfter) = end { throw Refusal(retryAfter: retryAfter) }
    }

    /// Nothing leaves for `duration`, for anybody. A shorter closing does not end a longer one.
    package func close(for duration: Duration) {
        change { state, now in state.schedule.close(until: now.advanced(by: duration)) }
    }

    private func enqueue(_ waiter: Waiter, id: UInt64) {
        let end = state.withLock { state -> End? in
            if case .ended(let end) = state.askers[id] {
                state.askers[id] = nil
                return end
            }
            state.askers[id] = .waiting(waiter)
            return nil
        }
        if let end { waiter.resume(returning: end) }
    }

    private func withdraw(_ id: UInt64) {
        let waiter = change { state, _ -> Waiter? in
            switch state.askers[id] {
            // What is decided stands.
            case nil, .ended: return nil
            case .arriving, .waiting:
                state.schedule.withdraw(id)
                return state.end(id, with: .refusal(retryAfter: .zero))
            }
        }
        waiter?.resume(returning: .refusal(retryAfter: .zero))
    }

    /// Changes the schedule, and tells all whose permits end by that.
    private func change<Value: Sendable>(_ body: (inout State, ContinuousClock.Instant) -> sending Value) -> Value {
        let (value, told, needsAlarm) = state.withLock { state in
            let now = clock.now
            let value = body(&state, now)
            let told = state.schedule.settle(now: now).compactMap { ended in
                state.end(ended.id, with: ended.end).map { (waiter: $0, end: ended.end) }
            }
            let needsAlarm = !state.hasAlarm && state.schedule.nextDue != nil
            if needsAlarm { state.hasAlarm = true }
            return (value, told, needsAlarm)
        }
        for (waiter, end) in told { waiter.resume(returning: end) }
        // One for all, and a task of its own: who waits may go, and the others' places come all the same. When the next place
        // comes does not depend on who has it, and it never comes earlier than it was, so that no sleep has to be cut short.
        if needsAlarm { Task { await self.sleepThroughPlaces() } }
        return value
    }

    private func sleepThroughPlaces() async {
        while let due = nextDue() {
            // Nobody cancels this task.
            try? await clock.sleep(until: due)
            change { _, _ in }
        }
    }

    /// When the alarm has to go off; it is over when that is never.
    private func nextDue() -> ContinuousClock.Instant? {
        state.withLock { state in
            state.hasAlarm = state.schedule.nextDue != nil
            return state.schedule.nextDue
        }
    }
}
