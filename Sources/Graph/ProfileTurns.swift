import Synchronization
import Traces
package import Transport

/// Writes for one profile happen one after another, in order of arrival: baseline, send and reading back belong together.
package final class ProfileTurns: Sendable {
    /// Why a turn was not given.
    package enum Refusal: Error, Sendable {
        /// It does not come before the deadline, or too many wait already.
        case busy
        /// The waiting task was cancelled.
        case cancelled
    }

    /// More than this many do not wait for one profile.
    package static let longestQueue = 256

    private typealias Waiter = CheckedContinuation<Refusal?, Never>

    private struct State {
        /// The waiters of each profile that has a turn under way; present and empty when nobody waits.
        var queues: [ProfileReference: [(id: UInt64, waiter: Waiter)]] = [:]
        var nextID: UInt64 = 0
        /// Those about to wait, and why they must not when that is already decided.
        var arriving: [UInt64: Refusal?] = [:]

        var queuedCount: Int { queues.values.reduce(0) { $0 + $1.count } }
    }

    private enum Admission {
        case admitted
        case refused
        case queued(UInt64)
    }

    private let clock: any MonotonicClock
    private let state = Mutex(State())

    package init(clock: any MonotonicClock) { self.clock = clock }

    /// Runs `body` in a turn of the profile, once those before it are done.
    ///
    /// - Throws: what `refused` makes of it when the turn does not come before `deadline`; else what `body` throws.
    package func withTurn<Result: Sendable, Failure: Error>(
        of profile: ProfileReference,
        before deadline: ContinuousClock.Instant,
        refused: (Refusal) -> Failure,
        isolation: isolated (any Actor)? = #isolation,
        _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let step = TraceSpan.step("turn")
        let refusal = await take(profile, before: deadline)
        if refusal != nil { step?.fail("profile-busy") }
        step?.end()
        if let refusal { throw refused(refusal) }
        defer { release(profile) }
        return try await body()
    }

    /// Profiles with a turn under way; zero when all is quiet.
    package var busyCount: Int { state.withLock { $0.queues.count } }

    /// Those who wait for a turn.
    package var waitingCount: Int { state.withLock { $0.arriving.count + $0.queuedCount } }

    /// Those of them who have their places already.
    var queuedCount: Int { state.withLock(\.queuedCount) }

    private func take(_ profile: ProfileReference, before deadline: ContinuousClock.Instant) async -> Refusal? {
        let admission = state.withLock { state -> Admission in
            guard let queue = state.queues[profile] else {
                state.queues[profile] = []
                return .admitted
            }
            if queue.count >= Self.longestQueue { return .refused }
            state.nextID += 1
            state.arriving[state.nextID] = .some(nil)
            return .queued(state.nextID)
        }
        switch admission {
        case .admitted: return nil
        case .refused: return .busy
        case .queued(let id): return await wait(for: profile, id: id, before: deadline)
        }
    }

    private func wait(
        for profile: ProfileReference,
        id: UInt64,
        before deadline: ContinuousClock.Instant
    ) async -> Refusal? {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [clock] in
                guard (try? await clock.sleep(until: deadline)) != nil else { return }
                self.end(id, of: profile, with: .busy)
            }
            let refusal = await withTaskCancellationHandler {
                await withCheckedContinuation { self.enqueue(($0), id: id, of: profile) }
            } onCancel: {
                self.end(id, of: profile, with: .cancelled)
            }
            group.cancelAll()
            return refusal
        }
    }

    private func enqueue(_ waiter: Waiter, id: UInt64, of profile: ProfileReference) {
        let answer = state.withLock { state -> Refusal?? in
            if let decided = state.arriving.removeValue(forKey: id) ?? nil { return decided }
            // The turn may have become free since it was found taken.
            guard state.queues[profile] != nil else {
                state.queues[profile] = []
                return .some(nil)
            }
            state.queues[profile]?.append((id, waiter))
            return nil
        }
        if let answer { waiter.resume(returning: answer) }
    }

    private func end(_ id: UInt64, of profile: ProfileReference, with refusal: Refusal) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.queues[profile]?.firstIndex(where: { $0.id == id }) else {
                // Either it has its turn, which stands, or it does not wait yet and must not begin to.
                if state.arriving[id] != nil { state.arriving[id] = refusal }
                return nil
            }
            return state.queues[profile]?.remove(at: index).waiter
        }
        waiter?.resume(returning: refusal)
    }

    private func release(_ profile: ProfileReference) {
        let next = state.withLock { state -> Waiter? in
            if state.queues[profile]?.isEmpty ?? true {
                state.queues[profile] = nil
                return nil
            }
            return state.queues[profile]?.removeFirst().waiter
        }
        next?.resume(returning: nil)
    }
}
