import Dispatch
import GRDB
import Ledger
import Synchronization
import Transport

/// What is written, in the order in which it comes: what waits while a transaction is under way shares the next one.
///
/// The caller's thread does not wait: transactions run on the queue of GRDB's one writer.
final class GroupCommit: Sendable {
    private struct Call: Sendable {
        let write: Write
        let answer: Answer<Result<Int, LedgerFault>>

        func end(_ result: Result<Int, LedgerFault>) { answer.give(result) }
    }

    private struct State {
        var waiting: [Call] = []
        var batch: [Call] = []
        var batchBegan: ContinuousClock.Instant?
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

    /// Returns once it is committed, with what ``Write/run(in:at:)`` returned.
    func run(_ write: Write) async throws(LedgerFault) -> Int {
        try await withCheckedContinuation { continuation in submit(Call(write: write, answer: Answer(continuation))) }
            .get()
    }

    /// Refuses what comes from now on, and returns when the rest is written.
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

    /// For tests.
    var waitingCount: Int { state.withLock { $0.waiting.count } }

    private func submit(_ call: Call) {
        let (fault, isFirst) = state.withLock { state -> (LedgerFault?, Bool) in
            if state.isEnded { return (LedgerFault(.unavailable, "the ledger is closed"), false) }
            if state.waiting.count >= limits.queue {
                return (LedgerFault(.unavailable, "too much is waiting to be written"), false)
            }
            state.waiting.append(call)
            defer { state.isRunning = true }
            return (nil, !state.isRunning)
        }
        if let fault { return call.end(.failure(fault)) }
        guard isFirst else { return }
        watch()
        database.asyncWriteWithoutTransaction { [self] database in
            while let batch = nextBatch() { commit(batch, to: database) }
        }
    }

    private func nextBatch() -> [Call]? {
        let (batch, atEnd) = state.withLock { state in
            state.batch = Array(state.waiting.prefix(limits.batch))
            state.waiting.removeFirst(state.batch.count)
            state.isRunning = !state.batch.isEmpty
            state.batchBegan = state.isRunning ? .now : nil
            return (state.batch, state.isRunning ? nil : state.takeEnd())
        }
        atEnd?.resume(returning: true)
        return batch.isEmpty ? nil : batch
    }

    private func commit(_ batch: [Call], to database: Database) {
        do {
            let results = try Transaction.run(batch.map(\.write), in: database, at: self.database.path)
            for (call, result) in zip(batch, results) { call.end(result) }
        } catch {
            for call in batch { call.end(.failure(error)) }
            // What waits would fare no better, and each batch of it would have to wait for a lock as long again.
            failWaiting(with: error)
        }
    }

    private func failWaiting(with fault: LedgerFault) {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        var fault = fault
        fault.isUncertain = false
        for call in waiting { call.end(.failure(fault)) }
    }

    /// Looks now and then whether the transaction that is under way goes on, as long as one is.
    private func watch() {
        let isOther = state.withLock { state in
            defer { state.isWatched = true }
            return state.isWatched
        }
        if !isOther { lookLater() }
    }

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

    /// What is in the transaction may still be written; what waits is not.
    private func giveUpWhatIsStuck() {
        let (batch, waiting, atEnd) = state.withLock { state in
            guard let began = state.batchBegan, .now - began > limits.stuckAfter else {
                return ([Call](), [Call](), CheckedContinuation<Bool, Never>?.none)
            }
            defer { (state.batch, state.waiting) = ([], []) }
            return (state.batch, state.waiting, state.takeEnd())
        }
        let reason = "the disk does not answer"
        for call in batch { call.end(.failure(LedgerFault(.unavailable, reason, isUncertain: true))) }
        for call in waiting { call.end(.failure(LedgerFault(.unavailable, reason))) }
        atEnd?.resume(returning: false)
    }
}
