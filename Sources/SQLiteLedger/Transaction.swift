import GRDB
import Ledger
import Transport

/// Writes that are committed together.
enum Transaction {
    /// Runs them in one transaction.
    ///
    /// - Parameter path: of the file, for what has to be said of it.
    /// - Returns: what came of each.
    /// - Throws: when none was written.
    static func run(
        _ writes: [Write],
        in database: Database,
        at path: String
    ) throws(LedgerFault) -> [Result<Int, LedgerFault>] {
        do {
            return try commit(writes, to: database)
        } catch let error as DatabaseError where writes.count > 1 && error.isOfOneWrite {
            // One of them cannot be written as it is, which is no reason for the others to fail.
            return writes.map { write in
                Result { () throws(LedgerFault) in try run([write], in: database, at: path)[0].get() }
            }
        } catch {
            throw LedgerFault(sqlite: error, path: path)
        }
    }

    private static func commit(_ writes: [Write], to database: Database) throws -> [Result<Int, LedgerFault>] {
        try sync(database, isFull: writes.contains(where: \.needsPowerSafety))
        try database.beginTransaction(.immediate)
        do {
            let now = Timestamp.now
            let results = try writes.map { try $0.run(in: database, at: now) }
            try database.commit()
            return results
        } catch {
            // Where SQLite has done so by itself it does nothing.
            try? database.rollback()
            throw error
        }
    }

    /// Whether commits are flushed to the disk (FULL), or only handed to the system (NORMAL). Between transactions.
    private static func sync(_ database: Database, isFull: Bool) throws {
        let current = try Int.fetchOne(database.cachedStatement(sql: "PRAGMA synchronous"))
        guard current != (isFull ? 2 : 1) else { return }
        try database.execute(sql: isFull ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL")
    }
}
