import Ledger
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: on a disk that is full", .timeLimit(.minutes(5)), .enabled(if: SmallDisk.isPossible))
struct SmallDiskTests {
    @Test("it fills up while requests come, answers what it has, and goes on once there is space")
    func fills() async throws {
        let disk = try SmallDisk(bytes: 400 << 10)
        defer { disk.end() }
        let ledger = SQLiteLedger(path: disk.path)
        try await ledger.open()
        var written: [RecordID] = []
        var refusal: LedgerFault?
        while refusal == nil, written.count < 10_000 {
            let request = Request(key: "\(written.count)", of: ledger)
            refusal = await fault { try await ledger.begin(request) }
            if refusal == nil { written.append(request.record.id) }
        }
        #expect(refusal?.reason == "no space is left on the disk")
        #expect(!written.isEmpty)
        #expect(try await ledger.records(LedgerFilter(), after: nil, limit: 20_000).map(\.id) == written)

        try await disk.grow(to: 16 << 20)
        try await ledger.probe()
        try await ledger.begin(Request(of: ledger))
        await ledger.close()
        try await ledger.open()
        #expect(try await ledger.records(LedgerFilter(), after: nil, limit: 20_000).count == written.count + 1)
        await ledger.close()
    }

    @Test("a full disk at start is said so")
    func fullAtStart() async throws {
        let disk = try SmallDisk(bytes: 8 << 10)
        defer { disk.end() }
        let fault = await fault { try await SQLiteLedger(path: disk.path).open() }
        #expect(fault?.kind == .unavailable)
        #expect(fault?.reason == "no space is left on the disk")
    }

    @Test("a disk that is read-only at start is said so")
    func readOnlyAtStart() async throws {
        let disk = try SmallDisk(bytes: 1 << 20)
        defer { disk.end() }
        let ledger = SQLiteLedger(path: disk.path)
        try await ledger.open()
        await ledger.close()
        try await disk.makeReadOnly()
        let fault = await fault { try await ledger.open() }
        #expect(fault?.kind == .unavailable)
        #expect(fault?.reason.hasSuffix("ledger.sqlite.lock cannot be created: Read-only file system") == true)
    }
}
