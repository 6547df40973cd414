import Synchronization

/// Closed until a test opens it.
final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }
}

/// Things in the order in which they happened.
final class Journal<Entry: Sendable>: Sendable {
    private let log = Mutex<[Entry]>([])
    var entries: [Entry] { log.withLock { $0 } }
    var count: Int { log.withLock(\.count) }
    func add(_ entry: Entry) { log.withLock { $0.append(entry) } }
}

/// Gives way to the other tasks until `condition` holds. The suite's time limit ends a wait that is in vain.
func eventually(_ condition: () -> Bool) async {
    while !condition(), !Task.isCancelled { await Task.yield() }
}
