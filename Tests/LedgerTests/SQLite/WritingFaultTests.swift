import GRDB
import Ledger
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: when it cannot write", .timeLimit(.minutes(5)))
struct WritingFaultTests {
    @Test("a full disk fails what is written, not what is read; with space it comes back by itself")
    func full() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let before = Request(key: "a", of: ledger)
        try await ledger.run(before, to: .created)
        try ledger.file.onWriter { try $0.execute(sql: "PRAGMA max_page_count = 1") }
        let faults = try await faultsOfBurst(on: ledger)
        #expect(!faults.isEmpty)
        #expect(faults.allSatisfy { $0 == LedgerFault(.unavailable, "no space is left on the disk") })
        #expect(try await ledger.record(before.record.id)?.state == .created)
        #expect(try await ledger.isClaimed(Request(key: "a", of: ledger).claim) == false)
        try ledger.file.onWriter { try $0.execute(sql: "PRAGMA max_page_count = 1000000") }
        #expect(try await faultsOfBurst(on: ledger).isEmpty)
        await ledger.close()
    }

    /// What 200 that begin at the same time end with; those that did not fail have to be on record, and the others not.
    private func faultsOfBurst(on ledger: SQLiteLedger) async throws -> [LedgerFault] {
        try await withThrowingTaskGroup(of: LedgerFault?.self) { group in
            for _ in 0..<200 {
                group.addTask {
                    var request = Request(of: ledger)
                    request.record.requestID = String(repeating: "x", count: 500)
                    let beginning = request
                    let fault = await fault { try await ledger.begin(beginning) }
                    let record = try await ledger.record(beginning.record.id)
                    #expect((record == nil) == (fault != nil))
                    return fault
                }
            }
            return try await group.reduce(into: []) { if let fault = $1 { $0.append(fault) } }
        }
    }

    @Test("read-only: what is written fails, what is read does not")
    func readOnly() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        try ledger.file.onWriter { try $0.execute(sql: "PRAGMA query_only = 1") }
        for work in [{ try await ledger.probe() }, { try await ledger.begin(Request(of: ledger)) }] {
            let fault = await fault(of: work)
            #expect(fault?.kind == .unavailable && fault?.reason == "the file or its folder is read-only")
        }
        #expect(try await ledger.orphans(limit: 1).isEmpty)
        try ledger.file.onWriter { try $0.execute(sql: "PRAGMA query_only = 0") }
        try await ledger.begin(Request(of: ledger))
        await ledger.close()
    }

    @Test("locked by another program: what waits fails in the time of one lock, and what comes after it works")
    func locked() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let other = try place.otherProgram()
        try await other.writeWithoutTransaction { try $0.execute(sql: "BEGIN EXCLUSIVE") }
        let start = ContinuousClock.now
        let faults = try await faultsOfBurst(on: ledger)
        #expect(faults.count == 200)
        #expect(faults.allSatisfy { $0 == LedgerFault(.unavailable, "another program has locked the file") })
        #expect(ContinuousClock.now - start < .seconds(30))
        try await other.writeWithoutTransaction { try $0.execute(sql: "ROLLBACK") }
        #expect(try await faultsOfBurst(on: ledger).isEmpty)
        await ledger.close()
    }

    @Test("what cannot be written fails alone, not with those that share its transaction")
    func alone() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let stall = try Stall(on: ledger)
        try ledger.file.onWriter { database in
            try database.execute(
                sql: """
                    CREATE TEMP TRIGGER refuse BEFORE INSERT ON records WHEN NEW.caller = 'refused'
                    BEGIN SELECT RAISE(ABORT, 'refused'); END
                    """
            )
        }
        async let first: Void = ledger.begin(Request(by: "stalled", of: ledger))
        await stall.begun()
        // These wait now, and share what comes next.
        let requests = (0..<20).map { Request(by: $0 == 7 ? "refused" : "portal", key: "\($0)", of: ledger) }
        async let faults = withTaskGroup(of: (Int, LedgerFault?).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask { (index, await fault { try await ledger.begin(request) }) }
            }
            return await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
        #expect(try await comes { try ledger.file.writes.waitingCount == 20 })
        stall.end()
        try await first
        #expect(await Array(faults.keys) == [7])
        for (index, request) in requests.enumerated() {
            let record = try await ledger.record(request.record.id)
            #expect((record == nil) == (index == 7))
            let isFree = try await ledger.isClaimed(
                Request(by: request.record.caller, key: "\(index)", of: ledger).claim
            )
            #expect(isFree == (index == 7))
        }
        await ledger.close()
    }

    @Test("no more wait than may")
    func bound() async throws {
        var place = try LedgerFolder()
        place.limits.queue = 3
        let ledger = try await place.open()
        let stall = try Stall(on: ledger)
        async let first: Void = ledger.begin(Request(by: "stalled", of: ledger))
        await stall.begun()
        let faults = await withTaskGroup(of: LedgerFault?.self) { group in
            for _ in 0..<10 { group.addTask { await fault { try await ledger.probe() } } }
            var faults: [LedgerFault] = []
            for await fault in group {
                if let fault { faults.append(fault) }
                // The three that wait go on only now.
                if faults.count == 7 { stall.end() }
            }
            return faults
        }
        try await first
        #expect(faults == Array(repeating: LedgerFault(.unavailable, "too much is waiting to be written"), count: 7))
        await ledger.close()
    }

    @Test("a disk that hangs fails in bounded time; only what was under way is uncertain")
    func stuck() async throws {
        var place = try LedgerFolder()
        place.limits.stuckAfter = .milliseconds(200)
        let ledger = try await place.open()
        let stall = try Stall(on: ledger)
        let request = Request(by: "stalled", of: ledger)
        async let first = fault { try await ledger.begin(request) }
        await stall.begun()
        async let second = fault { try await ledger.probe() }
        #expect(await first == LedgerFault(.unavailable, "the disk does not answer", isUncertain: true))
        #expect(await second == LedgerFault(.unavailable, "the disk does not answer"))
        stall.end()
        #expect(try await comes { await fault { try await ledger.probe() } == nil })
        // The bound is short for a busy machine.
        #expect(try await comes { (try? await ledger.record(request.record.id))?.state == .sent })
        await ledger.close()
    }

    @Test("a disk that hangs does not keep the ledger from being closed")
    func stuckAtClose() async throws {
        var place = try LedgerFolder()
        place.limits.stuckAfter = .milliseconds(200)
        let ledger = try await place.open()
        let stall = try Stall(on: ledger)
        async let first = fault { try await ledger.begin(Request(by: "stalled", of: ledger)) }
        await stall.begun()
        await ledger.close()
        #expect(await first?.isUncertain == true)
        stall.end()
    }

    @Test("closing writes what waits")
    func closing() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let requests = (0..<300).map { _ in Request(of: ledger) }
        let faults = await withTaskGroup(of: LedgerFault?.self) { group in
            for request in requests { group.addTask { await fault { try await ledger.begin(request) } } }
            group.addTask {
                await ledger.close()
                return nil
            }
            return await group.reduce(into: [LedgerFault]()) { if let fault = $1 { $0.append(fault) } }
        }
        #expect(faults.allSatisfy { $0 == LedgerFault(.unavailable, "the ledger is closed") })
        let reopened = try await place.open()
        let count = try await reopened.records(LedgerFilter(), after: nil, limit: 1000).count
        #expect(count == 300 - faults.count)
        await reopened.close()
    }
}
