import Ledger
import TestSupport
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: reading beside the gateway", .timeLimit(.minutes(5)))
struct LedgerReaderTests {
    @Test("what the gateway writes is seen at once, and it goes on writing")
    func beside() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let reader = try SQLiteLedger.reader(path: place.path)
        var expected: [LedgerRecord] = []
        for _ in 0..<3 {
            let request = Request(of: ledger)
            try await ledger.run(request, to: .created)
            expected += try await ledger.records(LedgerFilter(), after: expected.last?.id, limit: 10)
            #expect(try await reader.records(LedgerFilter(), after: nil, limit: 10) == expected)
        }
        #expect(expected.count == 3)
        await ledger.close()
    }

    @Test("a file that no gateway has is read, too, and nothing is changed in it")
    func alone() async throws {
        let place = try LedgerFolder()
        try await place.populate(3)
        let reader = try SQLiteLedger.reader(path: place.path)
        #expect(try await reader.records(LedgerFilter(), after: nil, limit: 10).count == 3)
        // It stands in no gateway's way.
        let ledger = try await place.open()
        try await ledger.run(Request(of: ledger), to: .created)
        #expect(try await reader.records(LedgerFilter(), after: nil, limit: 10).count == 4)
        await ledger.close()
    }

    @Test("what is no ledger is named")
    func none() throws {
        let place = try LedgerFolder()
        do {
            _ = try SQLiteLedger.reader(path: place.path)
            Issue.record("There is nothing to read")
        } catch {
            #expect(error.kind == .unavailable && error.reason == "there is no file \(place.path)")
        }
        #expect(place.folder.names.isEmpty)
        try place.folder.write(String(repeating: "no database", count: 500), to: "ledger.sqlite")
        #expect(throws: LedgerFault.self) { try SQLiteLedger.reader(path: place.path) }
    }
}
