import Dispatch
import GRDB
import Ledger
import Synchronization
import Transport

/// Reads that a caller waits for. Those that wait at the same time are done one after another in one turn of one connection,
/// because changing threads costs more than most of them.
///
/// Unlike GRDB's own asynchronous reads they do not fail when the task that asks is cancelled, but when the disk hangs.
final class Reads: Sendable {
    private struct Call: Sendable {
        let asked = ContinuousClock.now
        /// Runs the query and tells the caller, who is told once.
        let end: @Sendable (Result<Database, any Error>) -> Void

        func fail(_ reason: String) { end(.failure(LedgerFault(.unavailable, reason))) }
    }

    private struct State {
        var waiting: [Call] = []
        /// Taken by the turn. Some of them may have had their answer.
        var batch: [Call] = []
        var isRunning = false
        var isWatched = false
        var isEnded = false
        var atEnd: CheckedContinuation<Bool, Never>?

        mutating func takeEnd() -> CheckedContinuation<Bool, Never>? {
            defer { atEnd = nil }
            return atEnd
        }
    }

    private let database: DatabasePool
    private let limits: Limits
    private let state = Mutex(State())

    init(_ database: DatabasePool, limits: Limits) {
        self.database = database
        self.limits = limits
    }

    /// Fails with `unavailable` when it is not done after ``Limits/stuckAfter``, the wait for its turn included.
    ///
    /// - Parameter query: one statement, which sees all that was committed before; or more of them in a transaction.
    func run<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async -> Result<Value, any Error> {
        await withCheckedContinuation { continuation in
            let answer = Answer(continuation)
            submit(Call { database in answer.give(database.flatMap { database in Result { try query(database) } }) })
        }
    }

    /// Refuses what comes from now on, and returns when the rest is read.
    ///
    /// - Returns: whether it is; not if the disk hangs.
    func end() async -> Bool {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                state.isEnded = true
                if state.isRunning { state.atEnd = continuation }
                return !state.isRunning
            }
            if isIdle { continuation.resume(returning: true) }
        }
    }

    private func submit(_ call: Call) {
        let (isTaken, isFirst, isWatched) = state.withLock { state in
            if state.isEnded { return (false, false, true) }
            state.waiting.append(call)
            defer { (state.isRunning, state.isWatched) = (true, true) }
            return (true, !state.isRunning, state.isWatched)
        }
        guard isTaken else { return call.fail("the ledger is closed") }
        if !isWatched { lookLater() }
        guard isFirst else { return }
        database.asyncUnsafeRead { [self] database in
            while let batch = nextBatch() {
                for call in batch { call.end(database) }
            }
        }
    }

    private func nextBatch() -> [Call]? {
        let (batch, _, atEnd) = state.withLock { state in
            // Taken out, so that nobody waits for the lock while it is let go of.
            let last = state.batch
            (state.batch, state.waiting) = (state.waiting, [])
            state.isRunning = !state.batch.isEmpty
            return (state.batch, last, state.isRunning ? nil : state.takeEnd())
        }
        atEnd?.resume(returning: true)
        return batch.isEmpty ? nil : batch
    }

    /// Looks now and then for what has waited too long, as long as something is read. One look for all of them: a timer for each
    /// would cost more than most reads.
    private func lookLater() {
        let interval = max(1, (limits.stuckAfter / 4).milliseconds)
        DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(interval)) { [weak self] in
            guard let self else { return }
            giveUpWhatIsStuck()
            let isRunning = state.withLock { state in
                state.isWatched = state.isRunning
                return state.isRunning
            }
            if isRunning { lookLater() }
        }
    }

    private func giveUpWhatIsStuck() {
        let end = ContinuousClock.now - limits.stuckAfter
        let (late, atEnd) = state.withLock { state in
            let late = (state.batch + state.waiting).filter { $0.asked < end }
            state.batch.removeAll { $0.asked < end }
            state.waiting.removeAll { $0.asked < end }
            // What is still under way is nobody's any more.
            let isStuck = state.isRunning && state.batch.isEmpty && state.waiting.isEmpty
            return (late, isStuck ? state.takeEnd() : nil)
        }
        // Some of the batch may have been read: they have their answer.
        for call in late { call.fail("the disk does not answer") }
        atEnd?.resume(returning: false)
    }
}
