import GRDB
import Ledger
import Synchronization
import Testing
import Transport

@testable import SQLiteLedger

@Suite("SQLite: commits", .timeLimit(.minutes(5)))
struct CommitTests {
    @Test("only what has to survive a loss of power is flushed to the disk")
    func flushed() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        func isFlushed() throws -> Bool {
            try ledger.file.onWriter { try Int.fetchOne($0, sql: "PRAGMA synchronous") } == 2
        }
        for _ in 0..<2 {
            let request = Request(of: ledger)
            try await ledger.begin(request)
            #expect(try isFlushed())
            try await ledger.settle(request, as: .unknown)
            #expect(try !isFlushed())
            try await ledger.probe()
            #expect(try isFlushed())
            _ = try await ledger.prune(olderThan: .seconds(100), limit: 1)
            #expect(try !isFlushed())
        }
        await ledger.close()
    }

    @Test("what a task asks for that is cancelled is done all the same")
    func cancelled() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let request = Request(key: "a", of: ledger)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            #expect(Task.isCancelled)
            let isClaimed = try await ledger.isClaimed(request.claim)
            #expect(isClaimed)
            try await ledger.run(request, to: .created)
            let writes = try await ledger.writes(on: request.record.profile, within: .seconds(60))
            #expect(writes.count == 1)
        }
        try await task.value
        #expect(try await ledger.record(request.record.id)?.state == .created)
        await ledger.close()
    }

    @Test("a burst shares transactions")
    func shared() async throws {
        let place = try LedgerFolder()
        let ledger = try await place.open()
        let stall = try Stall(on: ledger)
        let commits = CommitCount()
        try ledger.file.onWriter { $0.add(transactionObserver: commits, extent: .databaseLifetime) }
        async let first: Void = ledger.begin(Request(by: "stalled", of: ledger))
        await stall.begun()
        async let others: Void = withThrowingTaskGroup { group in
            for _ in 0..<511 { group.addTask { try await ledger.begin(Request(of: ledger)) } }
            try await group.waitForAll()
        }
        #expect(try await comes { try ledger.file.writes.waitingCount == 511 })
        stall.end()
        _ = try await (first, others)
        // The first, and no more at once than may.
        let count = try ledger.file.onWriter { _ in commits.count }
        #expect(count == 3)
        await ledger.close()
    }
}

/// Used on the queue of the one connection alone.
private final class CommitCount: TransactionObserver {
    private(set) var count = 0

    func observes(eventsOfKind eventKind: DatabaseEventKind) -> Bool { false }
    func databaseDidChange(with event: DatabaseEvent) {}
    func databaseDidCommit(_ db: Database) { count += 1 }
    func databaseDidRollback(_ db: Database) {}
}
