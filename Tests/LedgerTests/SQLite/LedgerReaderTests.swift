import Foundation
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
            #expect(error.kind == .unavailable && error.reason == "no gateway has written \(place.path) yet")
        }
        #expect(place.folder.names.isEmpty)
        try place.folder.write(String(repeating: "no database", count: 500), to: "ledger.sqlite")
        #expect(throws: LedgerFault.self) { try SQLiteLedger.reader(path: place.path) }
    }

    @Test("a file that another user keeps is told from one that is not there", .enabled(if: getuid() != 0))
    func forbidden() async throws {
        let place = try LedgerFolder()
        try await place.open().close()
        chmod(place.folder.path, 0)
        defer { chmod(place.folder.path, 0o700) }
        let fault = #expect(throws: LedgerFault.self) { try SQLiteLedger.reader(path: place.path) }
        #expect(fault == LedgerFault(reading: place.path, code: EACCES))
    }

    @Test(
        "what the system says of a file is said in words, with the whole path and with what to do",
        arguments: [
            (ENOENT, "no gateway has written /a/b yet", "LEDGER_URL names another"),
            (ENOTDIR, "no gateway has written /a/b yet", "LEDGER_URL names another"),
            (EACCES, "/a/b may not be read (Permission denied)", "Run this as the gateway's user"),
            (EPERM, "/a/b may not be read (Operation not permitted)", "Run this as the gateway's user"),
            (ELOOP, "/a/b cannot be read: Too many levels of symbolic links", ""),
        ]
    )
    func unreadable(code: Int32, reason: String, fix: String) {
        let fault = LedgerFault(reading: "/a/b", code: code)
        #expect(fault.kind == .unavailable && fault.reason == reason)
        #expect((fault.fix ?? "").hasPrefix(fix) && (fault.fix == nil) == fix.isEmpty)
    }

    @Test("a relative path is told as the whole one")
    func relative() {
        let folder = FileManager.default.currentDirectoryPath
        #expect(LedgerFault(reading: "data/x", code: ENOENT).reason == "no gateway has written \(folder)/data/x yet")
    }
}
