import Synchronization
import Threads

/// The result of blocking work on a thread of its own, for which somebody waits for so long and no longer.
final class ThreadAnswer<Value: Sendable>: Sendable {
    private enum State {
        /// → waiting, or given
        case open
        /// → given
        case waiting(CheckedContinuation<Value?, Never>)
        case given(Value?)
    }

    private let state = Mutex(State.open)

    private init() {}

    /// What `work` returns; nil when that takes longer than `limit`, when the task is cancelled, or when the system gives no
    /// thread. The work is then left to its thread, and its result to nobody.
    static func first(within limit: Duration, _ work: @escaping @Sendable () -> Value) async -> Value? {
        let answer = ThreadAnswer()
        let code = DetachedThread.start {
            DetachedThread.blockSignals()
            answer.give(work())
        }
        guard code == 0 else { return nil }
        return await withTaskGroup(of: Value?.self) { group in
            group.addTask { await answer.wait() }
            group.addTask {
                try? await Task.sleep(for: limit)
                return nil
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? nil
        }
    }

    /// The first one counts.
    private func give(_ value: Value?) {
        let waiter = state.withLock { state -> CheckedContinuation<Value?, Never>? in
            defer { if case .given = state {} else { state = .given(value) } }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiter?.resume(returning: value)
    }

    private func wait() async -> Value? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let given = state.withLock { state -> Value?? in
                    if case .given(let value) = state { return .some(value) }
                    state = .waiting(continuation)
                    return nil
                }
                if let given { continuation.resume(returning: given) }
            }
        } onCancel: {
            give(nil)
        }
    }
}
