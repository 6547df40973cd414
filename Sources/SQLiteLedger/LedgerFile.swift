import Dispatch
import GRDB
import Glibc
import Ledger
import Transport

/// The file while this process has it.
final class LedgerFile: Sendable {
    let writes: GroupCommit
    private let lookups: Reads
    /// Apart from those, which must not wait for one that takes long.
    private let reads: Reads
    private let database: DatabasePool
    private let lock: FileLock
    private let path: String

    /// Blocks until the file is there, checked and up to date.
    init(opening path: String, limits: Limits) throws(LedgerFault) {
        self.path = path
        lock = try FileLock(of: path, patience: limits.lockPatience)
        do {
            try Self.create(path)
            try Self.examine(path, limits)
            database = try DatabasePool(path: path, configuration: Self.configuration(limits))
            try LedgerSchema.migrator.migrate(database)
        } catch {
            lock.end()
            throw LedgerFault(sqlite: error, path: path)
        }
        writes = GroupCommit(database, limits: limits)
        lookups = Reads(database, limits: limits)
        reads = Reads(database, limits: limits)
    }

    /// - Parameter query: one statement that takes no time.
    func lookUp<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerFault) -> Value {
        try await value(of: lookups.run(query))
    }

    /// - Parameter query: several statements that have to fit together, or one that may take long.
    func read<Value: Sendable>(
        _ query: @escaping @Sendable (Database) throws -> Value
    ) async throws(LedgerFault) -> Value {
        try await value(
            of: reads.run { database in
                try database.beginTransaction(.deferred)
                // There is nothing to commit; and the next one must not see what this one saw.
                defer { try? database.rollback() }
                return try query(database)
            }
        )
    }

    private func value<Value>(of result: Result<Value, any Error>) throws(LedgerFault) -> Value {
        do {
            return try result.get()
        } catch {
            throw LedgerFault(sqlite: error, path: path)
        }
    }

    /// Writes what waits, and lets go of the file; where the disk hangs, the end of the process does.
    func close() async {
        // A connection that hangs in a read cannot be closed either.
        async let (areLookedUp, areRead) = (lookups.end(), reads.end())
        let isWritten = await writes.end()
        guard await areLookedUp, await areRead, isWritten else { return }
        let (database, lock) = (database, lock)
        await onOwnThread {
            // GRDB lets go of the writer first, and those that only read cannot bring the log into the file.
            database.invalidateReadOnlyConnections()
            try? database.close()
            lock.end()
        }
    }

    /// For tests: the connection that writes, beside what is written.
    func onWriter<Value>(_ work: (Database) throws -> Value) throws -> Value {
        try database.writeWithoutTransaction(work)
    }

    /// Only this user may read it, nor what SQLite puts beside it, which gets the same rights.
    private static func create(_ path: String) throws(LedgerFault) {
        let descriptor = open(path, O_CREAT | O_RDWR | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw LedgerFault(
                .unavailable,
                "the file \(path) cannot be opened: \(systemReason())",
                fix: "Give this user the right to write it, or give LEDGER_URL another path"
            )
        }
        Glibc.close(descriptor)
        // The file's name, too, has to survive a loss of power.
        let folder = open(Folders.parent(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        Glibc.close(folder)
    }

    /// Looks at it before anything is changed, so that another program's database and a damaged one stay as they are.
    private static func examine(_ path: String, _ limits: Limits) throws {
        let database = try DatabaseQueue.reading(path, busyTimeout: limits.busyTimeout)
        try database.read { database in
            try LedgerSchema.check(database, at: path)
            try Damage.check(database, at: path, fullyBelow: limits.fullCheckBelow)
        }
        try database.close()
    }

    private static func configuration(_ limits: Limits) -> Configuration {
        var configuration = Configuration()
        configuration.label = "ledger"
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA busy_timeout = \(limits.busyTimeout.milliseconds)")
            try database.execute(sql: "PRAGMA cache_size = -8000")
        }
        return configuration
    }
}

/// Runs what blocks, on a thread that may be blocked.
func onOwnThread<Value: Sendable, Failure>(
    _ work: @escaping @Sendable () throws(Failure) -> Value
) async throws(Failure) -> Value {
    try await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: Result(catching: work)) }
    }.get()
}
