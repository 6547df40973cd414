import Ledger
import Settings
import Synchronization
import TestSupport
import Testing
import Transport

@testable import PostgreSQLLedger

// One after another: each has a server of its own.
@Suite("PostgreSQL: outages", .serialized, .timeLimit(.minutes(5)))
struct OutageTests {
    /// Short, so that the tests are.
    private static let short: Limits = {
        var limits = Limits()
        // Connecting takes its time on a busy machine, and is no part of a call's.
        (limits.connect, limits.statement, limits.waiting) = (.seconds(5), .milliseconds(500), .milliseconds(500))
        limits.tolerance = .milliseconds(300)
        return limits
    }()

    private func withStore(
        _ limits: Limits,
        _ body: (PostgreSQLServer, PostgreSQLLedger, _ url: Secret) async throws -> Void
    ) async throws {
        let server = try await PostgreSQLServer()
        let url = Secret(server.url(try await server.database()))
        let store = PostgreSQLLedger(url: url, connections: 4, limits: limits)
        try await store.open()
        try await body(server, store, url)
        await store.close()
    }

    /// Whether it does so within a while.
    private func works(_ store: PostgreSQLLedger) async -> Bool {
        (try? await comes { await fault { () throws(LedgerFault) in try await store.probe() } == nil }) == true
    }

    @Test(
        "a server that is restarted under load loses nothing that was acknowledged, and serves again",
        arguments: [false, true]
    )
    func restart(immediate: Bool) async throws {
        try await withStore(Limits()) { server, store, url in
            let load = Load()
            try await withThrowingTaskGroup { group in
                for _ in 0..<32 { group.addTask { await load.run(on: store) } }
                group.addTask {
                    #expect(try await comes { load.settled > 200 })
                    try await server.restart(immediate: immediate)
                    let before = load.settled
                    #expect(try await comes { load.settled > before + 200 })
                    load.stop()
                }
                try await group.waitForAll()
            }
            let another = PostgreSQLLedger(url: url, connections: 2, limits: .patient)
            try await another.open()
            for (id, state) in load.acknowledged {
                let found = try await another.record(id)?.state
                #expect(found == state || (state == .sent && found == .created), "\(id)")
            }
            await another.close()
            #expect(load.faults.allSatisfy { $0.kind == .unavailable })
        }
    }

    @Test(
        "when the server falls silent every call ends in time, and says that it may have been done; then it comes back"
    )
    func silence() async throws {
        try await withStore(Self.short) { server, store, _ in
            #expect(await works(store))
            server.freeze()
            let watch = Stopwatch()
            let faults = await withTaskGroup(of: LedgerFault?.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let request = Request(of: store)
                        return await fault { () throws(LedgerFault) in
                            if index.isMultiple(of: 2) {
                                try await store.begin(request.record, acceptedAgo: .zero, work: .seconds(60))
                            } else {
                                _ = try await store.takeTurn(of: request.record.profile, work: .seconds(60))
                            }
                        }
                    }
                }
                var faults: [LedgerFault] = []
                for await fault in group { if let fault { faults.append(fault) } }
                return faults
            }
            let time = watch.elapsed
            server.resume()
            #expect(faults.count == 200 && faults.allSatisfy { $0.kind == .unavailable })
            // Those that were sent, and those that never were.
            #expect(Set(faults.map(\.isUncertain)) == [true, false])
            #expect(time < .seconds(15), "\(time)")
            #expect(await works(store))
        }
    }

    @Test("while there is no server calls fail at once, certainly not done; nothing spins; then it comes back")
    func absence() async throws {
        var limits = Self.short
        limits.waiting = .seconds(10)
        try await withStore(limits) { server, store, _ in
            await server.stop()
            // The first calls wait whether it comes back.
            let first = await fault { () throws(LedgerFault) in try await store.probe() }
            #expect(first?.kind == .unavailable)
            let begin = ContinuousClock.now
            for _ in 0..<3 {
                let fault = await fault { () throws(LedgerFault) in try await store.probe() }
                #expect(fault?.kind == .unavailable && fault?.isUncertain == false)
            }
            // Each waits for the next attempt at most.
            #expect(ContinuousClock.now - begin < .seconds(20))
            try await server.start()
            #expect(await works(store))
        }
    }

    @Test("a write that waits for another's lock ends in time, certainly not done")
    func locked() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        var limits = Limits()
        // The server gives up a sixth of it before.
        limits.statement = .seconds(24)
        limits.waiting = .seconds(60)
        let store = PostgreSQLLedger(url: Secret(server.url(database)), connections: 2, limits: limits)
        try await store.open()
        let request = Request(of: store)
        try await store.begin(request)
        // psql's single string is one transaction.
        async let lock = server.run(
            "LOCK TABLE enrollment_gateway.records IN EXCLUSIVE MODE; SELECT pg_sleep(120)",
            in: database
        )
        let holders = """
            FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database
            WHERE mode = 'ExclusiveLock' AND relation IS NOT NULL AND granted AND datname = '\(database)'
            """
        #expect(try await comes { try await server.run("SELECT count(*) \(holders)", in: database) == "1" })
        let begin = ContinuousClock.now
        await withTaskGroup { group in
            for _ in 0..<20 {
                group.addTask {
                    let request = Request(of: store)
                    let fault = await fault { () throws(LedgerFault) in
                        try await store.begin(request.record, acceptedAgo: .zero, work: .seconds(60))
                    }
                    #expect(fault?.kind == .unavailable && fault?.isUncertain == false, "\(String(describing: fault))")
                }
            }
        }
        #expect(ContinuousClock.now - begin < .seconds(60))
        // What reads is not held up.
        #expect(try await store.record(request.record.id) != nil)
        try await server.run("SELECT pg_terminate_backend(pid) \(holders)", in: database)
        _ = try? await lock
        try await store.settle(request, as: .created)
        await store.close()
    }

    @Test("a server that only reads is left for a new connection, which finds it writing again")
    func readOnly() async throws {
        try await Gateways.with(1) { stores, database, server in
            let store = stores[0]
            try await store.probe()
            try await server.run("ALTER DATABASE \(database) SET default_transaction_read_only = on", in: "postgres")
            let sessions = "FROM pg_stat_activity WHERE datname = '\(database)'"
            try await server.run("SELECT pg_terminate_backend(pid) \(sessions)", in: "postgres")
            #expect(try await comes { try await server.run("SELECT count(*) \(sessions)", in: "postgres") == "0" })
            let refusal = await fault { () throws(LedgerFault) in try await store.probe() }
            #expect(refusal?.kind == .unavailable && refusal?.isUncertain == false)
            #expect(refusal?.fix?.contains("target_session_attrs") == true)
            try await server.run("ALTER DATABASE \(database) RESET default_transaction_read_only", in: "postgres")
            #expect(try await comes { await fault { () throws(LedgerFault) in try await store.probe() } == nil })
        }
    }

    @Test("of two servers the second serves when the first keeps silent")
    func second() async throws {
        try await withStore(Self.short) { silent, _, _ in
            silent.freeze()
            let server = try await PostgreSQLServer.shared()
            let database = try await server.database()
            var limits = Self.short
            limits.connect = .seconds(3)
            (limits.statement, limits.waiting, limits.tolerance) = (.seconds(30), .seconds(30), .seconds(30))
            let url = "postgresql://postgres@127.0.0.1:\(silent.port),127.0.0.1:\(server.port)/\(database)"
            let store = PostgreSQLLedger(url: Secret(url), connections: 2, limits: limits)
            try await store.open()
            try await store.run(Request(key: "a", of: store), to: .created)
            await store.close()
            silent.resume()
        }
    }

    @Test("connections that died while nothing was asked are made anew, and no call notices")
    func idle() async throws {
        try await withStore(Limits()) { server, store, _ in
            for round in 0..<3 {
                try await store.run(Request(key: "\(round)", of: store), to: .created)
                #expect(try await store.orphans(limit: 10).isEmpty)
                try await server.restart(immediate: round == 1)
            }
            try await store.run(Request(key: "last", of: store), to: .created)
        }
    }

    @Test("a store that is closed during an outage ends")
    func closing() async throws {
        try await withStore(Limits()) { server, store, _ in
            await server.stop()
            await withTaskGroup { group in
                for _ in 0..<20 {
                    group.addTask { _ = await fault { () throws(LedgerFault) in try await store.probe() } }
                }
                await store.close()
            }
        }
    }

    @Test("a store that is opened again ends what waits too long, as it did the first time")
    func openedAgain() async throws {
        var limits = Self.short
        limits.tolerance = .zero
        try await withStore(limits) { server, store, _ in
            for _ in 0..<2 {
                server.freeze()
                // Ended by the one who watches; the thread that tries to connect would say something else, and later.
                let late = await fault { () throws(LedgerFault) in try await store.probe() }
                #expect(late?.reason == "no connection to the database was free or came about in time")
                server.resume()
                await store.close()
                try await store.open()
            }
        }
    }

    @Test("however wrong a gateway's clock is, the store's times are the server's")
    func clocks() async throws {
        try await Gateways.with(2) { stores in
            let profile = freshProfile()
            for (store, error) in zip(stores, [Duration.seconds(-7200), .seconds(7200)]) {
                var request = Request(key: "\(error)", profile: profile, of: store)
                request.record.acceptedAt = .now + error
                request.record.id = .fresh(at: .now + error)
                request.claim.record = request.record.id
                #expect(try await store.isClaimed(request.claim))
                try await store.begin(request.record, acceptedAgo: .milliseconds(5), work: .milliseconds(300))
                let record = try #require(try await store.record(request.record.id))
                #expect(abs((record.acceptedAt - .now).seconds) < 60)
                var filter = LedgerFilter()
                filter.since = .now - .seconds(60)
                #expect(try await store.records(filter, after: nil, limit: 10).contains { $0.id == request.record.id })
            }
            let writes = try await stores[0].writes(on: profile, within: .seconds(60))
            #expect(writes.count == 2 && writes.allSatisfy { $0.sentAgo >= .zero && $0.sentAgo < .seconds(60) })
            #expect(try await comes { try await stores[1].orphans(limit: 10).count == 2 })
        }
    }
}

/// Requests that are begun and settled one after another until it is stopped, and what was acknowledged of them.
private final class Load: Sendable {
    private struct State {
        var isStopped = false
        var settled = 0
        var acknowledged: [RecordID: LedgerRecord.State] = [:]
        var faults: [LedgerFault] = []
    }

    private let state = Mutex(State())

    var settled: Int { state.withLock(\.settled) }
    var acknowledged: [RecordID: LedgerRecord.State] { state.withLock(\.acknowledged) }
    var faults: [LedgerFault] { state.withLock(\.faults) }

    func stop() { state.withLock { $0.isStopped = true } }

    func run(on store: PostgreSQLLedger) async {
        while !state.withLock(\.isStopped) {
            let request = Request(of: store)
            let fault = await fault { () throws(LedgerFault) in
                try await store.begin(request.record, acceptedAgo: .zero, work: .seconds(60))
                state.withLock { $0.acknowledged[request.record.id] = .sent }
                _ = try await store.settle(request.ended(.created), acceptedAgo: .zero, key: .released)
                state.withLock { state in
                    state.acknowledged[request.record.id] = .created
                    state.settled += 1
                }
            }
            if let fault { state.withLock { $0.faults.append(fault) } }
        }
    }
}
