import Transport

/// Those who wait for a ``TokenCache`` to change.
struct Watchers: Sendable {
    enum Signal: Sendable {
        /// Look again.
        case changed
        /// The fetch that was waited for failed.
        case failed(EntraError)
    }

    private var continuations: [Int: AsyncStream<Signal>.Continuation] = [:]
    private var next = 0

    var count: Int { continuations.count }

    mutating func add() -> Watch {
        let (signals, continuation) = AsyncStream<Signal>.makeStream(bufferingPolicy: .bufferingNewest(1))
        next += 1
        continuations[next] = continuation
        return Watch(id: next, signals: signals)
    }

    mutating func remove(_ watch: Watch) { continuations[watch.id] = nil }

    /// All of them, to be woken outside of the lock that guards this value.
    mutating func removeAll() -> Watchers {
        defer { continuations.removeAll() }
        return self
    }

    func wake(with signal: Signal) {
        for continuation in continuations.values {
            continuation.yield(signal)
            continuation.finish()
        }
    }
}

/// One waiter's ear: hears one signal, or none.
struct Watch: Sendable {
    let id: Int
    fileprivate let signals: AsyncStream<Watchers.Signal>

    fileprivate init(id: Int, signals: AsyncStream<Watchers.Signal>) {
        self.id = id
        self.signals = signals
    }

    /// The signal; `nil` when `instant` or the task's cancellation came first.
    func signal(before instant: ContinuousClock.Instant?, clock: any MonotonicClock) async -> Watchers.Signal? {
        guard let instant else { return await first() }
        return await withTaskGroup(of: Watchers.Signal?.self) { group in
            group.addTask { await first() }
            group.addTask {
                try? await clock.sleep(until: instant)
                return nil
            }
            defer { group.cancelAll() }
            return await group.next() ?? nil
        }
    }

    private func first() async -> Watchers.Signal? {
        for await signal in signals { return signal }
        return nil
    }
}
