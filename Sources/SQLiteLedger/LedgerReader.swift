import GRDB
import Glibc
import Ledger
import Transport

/// The file as somebody reads it who is not the gateway. It waits for no lock and changes nothing.
struct LedgerReader: LedgerReading {
    private let path: String
    private let database: DatabaseQueue

    init(path: String) throws(LedgerFault) {
        self.path = path
        guard access(path, R_OK) == 0 else { throw LedgerFault(reading: path, code: errno) }
        do {
            database = try .reading(path, busyTimeout: Limits().busyTimeout)
            try database.read { database in
                try LedgerSchema.check(database, at: path)
                guard try database.tableExists("records") else {
                    throw LedgerFault(.unavailable, "nothing is in the file \(path) yet")
                }
            }
        } catch {
            throw LedgerFault(sqlite: error, path: path)
        }
    }

    func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID? {
        do {
            return try await database.read { try RecordQuery.position(beforeLast: count, filter, in: $0) }
        } catch {
            throw LedgerFault(sqlite: error, path: path)
        }
    }

    func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int
    ) async throws(LedgerFault) -> [LedgerRecord] {
        do {
            return try await database.read { try RecordQuery.records(filter, after: id, limit: limit, in: $0) }
        } catch {
            throw LedgerFault(sqlite: error, path: path)
        }
    }
}

extension DatabaseQueue {
    /// A connection that changes nothing in the file.
    static func reading(_ path: String, busyTimeout: Duration) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.prepareDatabase { database in
            try database.execute(sql: "PRAGMA busy_timeout = \(busyTimeout.milliseconds)")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}
