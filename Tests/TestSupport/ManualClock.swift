import NIOConcurrencyHelpers
import Transport

/// A clock that stands still until a test turns it.
package final class ManualClock: MonotonicClock {
    private struct Sleeper {
        let until: ContinuousClock.Instant
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now = ContinuousClock.now
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
        var next = 0
        var watchers: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
        /// How often somebody began to sleep.
        var sleeps: [Duration] = []
    }

    private let state = NIOLockedValueBox(State())
    /// When on, every sleep moves the clock to its end and returns at once.
    private let automatic: Bool

    package init(automatic: Bool = false) { self.automatic = automatic }

    package var now: ContinuousClock.Instant { state.withLockedValue(\.now) }

    /// Every sleep so far, as asked for.
    package var sleeps: [Duration] { state.withLockedValue(\.sleeps) }

    package func sleep(until instant: ContinuousClock.Instant) async throws {
        try Task.checkCancellation()
        if automatic {
            state.withLockedValue {
                $0.sleeps.append(instant - $0.now)
                $0.now = max($0.now, instant)
            }
            await Task.yield()
            return
        }
        let id = state.withLockedValue { state in
            state.next += 1
            state.sleeps.append(instant - state.now)
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                let (result, watchers) = state.withLockedValue {
                    state -> (Result<Void, any Error>?, [CheckedContinuation<Void, Never>]) in
                    if state.cancelled.remove(id) != nil { return (.failure(CancellationError()), []) }
                    if instant <= state.now { return (.success(()), []) }
                    state.sleepers[id] = Sleeper(until: instant, continuation: continuation)
                    let ready = state.watchers.filter { $0.count <= state.sleepers.count }.map(\.continuation)
                    state.watchers.removeAll { $0.count <= state.sleepers.count }
                    return (nil, ready)
                }
                for watcher in watchers { watcher.resume() }
                if let result { continuation.resume(with: result) }
            }
        } onCancel: {
            let sleeper = state.withLockedValue { state -> Sleeper? in
                guard let sleeper = state.sleepers.removeValue(forKey: id) else {
                    state.cancelled.insert(id)
                    return nil
                }
                return sleeper
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    /// Turns the clock; whoever slept until then wakes.
    package func advance(by duration: Duration) {
        let woken = state.withLockedValue { state -> [Sleeper] in
            state.now = state.now.advanced(by: duration)
            let due = state.sleepers.filter { $0.value.until <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.sorted { $0.until < $1.until }
        }
        for sleeper in woken { sleeper.continuation.resume() }
    }

    /// Suspends until at least `count` sleep at the same time.
    package func waitForSleepers(_ count: Int = 1) async {
        await withCheckedContinuation { continuation in
            let ready = state.withLockedValue { state -> Bool in
                if state.sleepers.count >= count { return true }
                state.watchers.append((count, continuation))
                return false
            }
            if ready { continuation.resume() }
        }
    }
}
