import GRDB
import Glibc
import Ledger

/// Whether the file can be read.
enum Damage {
    /// Small files are read through; of large ones, which takes long, the tables' description and the newest rows.
    ///
    /// - Throws: `corrupt`; SQLite's errors.
    static func check(_ database: Database, at path: String, fullyBelow limit: Int) throws {
        var facts = stat()
        if stat(path, &facts) == 0, Int(facts.st_size) >= limit {
            guard try database.tableExists("records") else { return }
            _ = try RecordQuery.newest(100, in: database)
        } else if try String.fetchOne(database, sql: "PRAGMA quick_check(1)") != "ok" {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
        }
    }

    /// What to do with a damaged file, in a sentence.
    static func wayOut(_ path: String) -> String {
        """
        Restore a backup; or move \(path) away together with its -wal and -shm, by which the records and the \
        Idempotency-Keys in it are lost: a request that is repeated then may create a second token. A sqlite3 that \
        has the command .recover, which Debian 12's has not, may save some of them from what was moved away
        """
    }
}
