import GRDB
import Ledger
import Synchronization

/// Small reads that a request waits for. Those that wait at the same time are done in one turn of one connection,
/// because changing threads costs more than each of them.
///
/// Unlike GRDB's own asynchronous reads they do not fail when the task that asks is cancelled.
final class Lookups: Sendable {
    private typealias Lookup = @Sendable (Result<Database, any Error>) -> Void

    private struct State {
        var waiting: [Lookup] = []
        var isRunning = false
    }

    private let database: DatabasePool
    private let state = Mutex(State())

    init(_ database: DatabasePool) { self.database = database }

    /// - Parameter query: one statement, which sees all that was committed before.
    func run<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async -> Result<Value, any Error> {
        await withCheckedContinuation { continuation in
            add { database in
                continuation.resume(returning: database.flatMap { database in Result { try query(database) } })
            }
        }
    }

    private func add(_ lookup: @escaping Lookup) {
        let isFirst = state.withLock { state in
            state.waiting.append(lookup)
            defer { state.isRunning = true }
            return !state.isRunning
        }
        guard isFirst else { return }
        database.asyncUnsafeRead { [self] database in
            while let lookups = next() {
                for lookup in lookups { lookup(database) }
            }
        }
    }

    private func next() -> [Lookup]? {
        state.withLock { state in
            defer { state.waiting = [] }
            state.isRunning = !state.waiting.isEmpty
            return state.isRunning ? state.waiting : nil
        }
    }
}
