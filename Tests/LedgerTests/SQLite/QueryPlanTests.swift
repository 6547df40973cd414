import GRDB
import Ledger
import Testing

@testable import SQLiteLedger

@Suite("SQLite: query plans")
struct QueryPlanTests {
    @Test("nothing that a request waits for reads through a table", arguments: LedgerSQL.all)
    func plan(_ sql: String) async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let steps = try ledger.file.onWriter { database in
            let statement = try database.makeStatement(sql: "EXPLAIN QUERY PLAN " + sql)
            statement.setUncheckedArguments(StatementArguments(Array(repeating: 1, count: 50).map { $0 as Int? }))
            return try Row.fetchAll(statement).map { $0["detail"] as String }
        }
        // A partial index holds nothing but what is looked for.
        let scans = steps.filter { $0.contains("SCAN") && !$0.contains("USING INDEX records_sent") }
        #expect(scans.isEmpty)
        #expect(!steps.contains { $0.contains("TEMP B-TREE") })
        await ledger.close()
    }
}
