import GRDB
import Ledger
import TestSupport
import Testing
import Transport

@testable import PostgreSQLLedger
@testable import SQLiteLedger

@Suite("Every store: what no version has written", .timeLimit(.minutes(5)))
struct UnknownWordTests {
    @Test("in a file, a word of what the profile showed before that nobody knows is damage")
    func file() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let request = Request(of: ledger)
        try await ledger.begin(request)
        try ledger.file.onWriter { try $0.execute(sql: "UPDATE records SET before = 'later'") }
        #expect(await fault(of: { _ = try await ledger.record(request.record.id) })?.kind == .corrupt)
        await ledger.close()
    }

    @Test("in a database, a word of what the profile showed before that nobody knows is damage")
    func database() async throws {
        try await Gateways.with(1) { stores, database, server in
            let request = Request(of: stores[0])
            try await stores[0].begin(request)
            try await server.run("UPDATE enrollment_gateway.records SET before = 'later'", in: database)
            let fault = await fault { () throws(LedgerFault) in _ = try await stores[0].record(request.record.id) }
            #expect(fault?.kind == .corrupt)
        }
    }
}
