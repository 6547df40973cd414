import Ledger
import Synchronization

/// A queue of calls and the threads that serve it, each with a connection of its own.
///
/// Callers are suspended; no thread but these ever waits for the server.
final class Lane: Sendable {
    /// How what was taken together is run.
    enum Grouping: Sendable {
        /// As one transaction, so that all share one flush of the server's log.
        case together
        /// Each as a transaction of its own, so that none holds a lock while it waits for another.
        case apart
    }

    let grouping: Grouping
    let limits: Limits
    private let count: Int
    private let state = Monitor(LaneState())
    private let start: WorkerThread.Start
    /// One for each opening, since its end is for good.
    private let watch = Mutex(LaneWatch())

    /// - Parameter count: of the connections.
    init(
        _ grouping: Grouping,
        connections count: Int,
        limits: Limits,
        start: @escaping WorkerThread.Start = WorkerThread.start
    ) {
        self.grouping = grouping
        self.limits = limits
        self.count = count
        self.start = start
    }

    var isOpen: Bool { state.withLock(\.isOpen) }

    /// Starts the threads, which connect when there is work. Where it throws, the lane is not open, and those that were started
    /// end; ``close()`` waits for them.
    func open(_ session: Session) throws(LedgerFault) {
        state.withLock { $0.beginOpening() }
        var threads = 0
        for _ in 0..<count {
            state.withLock { $0.threads += 1 }
            if start({ [self] in Worker(self, session).run() }) { threads += 1 } else { threadEnded() }
        }
        let watch = LaneWatch()
        self.watch.withLock { $0 = watch }
        // Calls are taken only now: without a watch, or without anybody to run them, they might never end.
        guard threads > 0, start({ [self] in watch.run { self.expire() } }) else {
            end()
            throw LedgerFault(.unavailable, "the system gives no threads")
        }
        state.withLock { $0.open() }
    }

    /// The same without waiting for it.
    func end() {
        state.withLock { $0.close() }
        state.broadcast()
        watch.withLock { $0 }.stop()
    }

    /// Lets what was asked end, and the threads with it.
    func close() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                state.close()
                if state.threads > 0 { state.closers.append(continuation) }
                return state.threads == 0
            }
            state.broadcast()
            if isOver { continuation.resume() }
        }
        watch.withLock { $0 }.stop()
    }

    func rows(_ query: Query) async throws(LedgerFault) -> Rows {
        let deadline = Deadline.after(limits.waiting)
        return try await withCheckedContinuation { continuation in
            let work = Work(query, waitsUntil: deadline, continuation)
            let (isTaken, isWatched) = state.withLock { state in
                if state.isOpen { state.submit(work) }
                defer { state.isWatched = state.isWatched || state.isOpen }
                return (state.isOpen, state.isWatched)
            }
            guard isTaken else { return work.fail(LedgerFault(.unavailable, "the ledger is not open")) }
            state.broadcast()
            if !isWatched { watch.withLock { $0 }.start() }
        }.get()
    }

    // MARK: For the threads

    /// Blocks until there is something to do.
    func next(isConnected: Bool, notBefore: Deadline) -> LaneState.Order {
        var isIdle = false
        return state.await { state in
            let isPausing = !isConnected && !notBefore.isOver
            let order = state.order(
                isConnected: isConnected,
                isIdle: &isIdle,
                pausing: isPausing,
                batch: limits.batch
            )
            if let order { return .done(order) }
            return .wait(until: isPausing && !state.waiting.isEmpty ? notBefore : nil)
        }
    }

    func putBack(_ works: [Work]) {
        state.withLock { $0.putBack(works) }
        state.broadcast()
    }

    func noteConnected() { state.withLock { $0.noteConnected() } }
    func noteLost() { state.withLock { $0.noteLost() } }

    func noteFailure(_ fault: LedgerFault) {
        let works = state.withLock { $0.noteFailure(fault, at: .now, tolerance: limits.tolerance) }
        for work in works { work.fail(fault) }
        state.broadcast()
    }

    func threadEnded() {
        let closers = state.withLock { state in
            state.threads -= 1
            defer { if state.threads == 0 { state.closers = [] } }
            return state.threads == 0 ? state.closers : []
        }
        for closer in closers { closer.resume() }
    }

    /// - Returns: whether calls are left that wait.
    private func expire() -> Bool {
        let (late, fault, areLeft) = state.withLock { state in
            let (late, fault) = state.expire(at: .now)
            state.isWatched = !state.waiting.isEmpty
            return (late, fault, state.isWatched)
        }
        for work in late { work.fail(fault) }
        // Threads that stop once nothing waits.
        if !late.isEmpty { state.broadcast() }
        return areLeft
    }
}

/// Ends calls that wait too long: the threads of a lane may all be busy, in a look-up of a name for example.
final class LaneWatch: Sendable {
    private enum Phase { case asleep, awake, over }

    private static let step = Duration.milliseconds(100)
    private let phase = Monitor(Phase.asleep)

    func start() {
        phase.withLock { if $0 == .asleep { $0 = .awake } }
        phase.broadcast()
    }

    func stop() {
        phase.withLock { $0 = .over }
        phase.broadcast()
    }

    /// The life of its thread.
    ///
    /// - Parameter expire: says whether calls are left that wait.
    func run(_ expire: () -> Bool) {
        while true {
            let isOver = phase.await { phase in
                defer { if phase == .awake { phase = .asleep } }
                return phase == .asleep ? .wait(until: nil) : .done(phase == .over)
            }
            if isOver { return }
            repeat { if isOverAfterPause() { return } } while expire()
        }
    }

    private func isOverAfterPause() -> Bool {
        let end = Deadline.after(Self.step)
        return phase.await { phase in phase == .over || end.isOver ? .done(phase == .over) : .wait(until: end) }
    }
}
