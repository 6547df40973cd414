import Ledger
import Settings
import Synchronization
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: threads", .timeLimit(.minutes(5)))
struct ThreadTests {
    /// Two for the connections of each lane, and one that watches it.
    private static let count = 6

    @Test(
        "an opening for which the system lacks threads leaves none behind, and the next one opens all",
        // With the second of them, too, the first lane has one for its connections, and then none that watches it.
        arguments: 0..<count
    )
    func lacking(_ given: Int) async throws {
        let server = try await PostgreSQLServer.shared()
        let url = Secret(server.url(try await server.database()))
        let threads = Threads(given)
        let store = PostgreSQLLedger(url: url, connections: 4, limits: .patient) { threads.start($0) }
        let fault = await fault { () throws(LedgerFault) in try await store.open() }
        #expect(fault == LedgerFault(.unavailable, "the system gives no threads"))
        #expect(try await comes { threads.alive == 0 })
        await #expect(throws: LedgerFault(.unavailable, "the ledger is not open")) { try await store.probe() }

        threads.allow(.max)
        try await store.open()
        #expect(threads.alive == Self.count)
        // Opened again it stays as it is.
        try await store.open()
        #expect(threads.alive == Self.count)
        // One call for each lane.
        try await store.run(Request(key: "a", of: store), to: .created)
        #expect(try await store.orphans(limit: 1).isEmpty)
        await store.close()
        #expect(try await comes { threads.alive == 0 })
    }
}

/// As many threads as it may give.
private final class Threads: Sendable {
    private struct State {
        var left: Int
        var alive = 0
    }

    private let state: Mutex<State>

    init(_ count: Int) { state = Mutex(State(left: count)) }

    var alive: Int { state.withLock(\.alive) }

    func allow(_ count: Int) { state.withLock { $0.left = count } }

    func start(_ body: sending @escaping () -> Void) -> Bool {
        let isGiven = state.withLock { state in
            guard state.left > 0 else { return false }
            (state.left, state.alive) = (state.left - 1, state.alive + 1)
            return true
        }
        guard isGiven else { return false }
        return WorkerThread.start { [self] in
            body()
            state.withLock { $0.alive -= 1 }
        }
    }
}
