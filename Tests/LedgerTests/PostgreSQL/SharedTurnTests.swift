import Graph
import Ledger
import Synchronization
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: turns of profiles", .timeLimit(.minutes(5)))
struct SharedTurnTests {
    @Test("one gateway has it at a time, and is told whether another had it since")
    func turns() async throws {
        try await Gateways.with(2) { stores in
            let (one, other) = (stores[0], stores[1])
            let profile = freshProfile()
            // Nothing is known of who had it before.
            #expect(try await one.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: true))
            guard case .busy(let left) = try await other.takeTurn(of: profile, work: .seconds(60)) else {
                Issue.record("Two have it")
                return
            }
            #expect(left > .seconds(30) && left <= .seconds(60))
            #expect(try await other.takeTurn(of: freshProfile(), work: .seconds(60)) == .taken(wasOthers: true))
            await one.endTurn(of: profile)
            #expect(try await one.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: false))
            await one.endTurn(of: profile)
            #expect(try await other.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: true))
            await other.endTurn(of: profile)
            #expect(try await other.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: false))
            await other.endTurn(of: profile)
            #expect(try await one.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: true))
        }
    }

    @Test("one that was not given back counts as another's, and may be taken up again")
    func repeated() async throws {
        try await Gateways.with(1) { stores in
            let profile = freshProfile()
            _ = try await stores[0].takeTurn(of: profile, work: .seconds(60))
            await stores[0].endTurn(of: profile)
            #expect(try await stores[0].takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: false))
            #expect(try await stores[0].takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: true))
        }
    }

    @Test("a gateway that died has it until its work time is over, and no longer")
    func died() async throws {
        try await Gateways.with(2) { stores, database, server in
            let (dead, next) = (stores[0], stores[1])
            let profile = freshProfile()
            #expect(try await dead.takeTurn(of: profile, work: .seconds(600)) == .taken(wasOthers: true))
            #expect(try await next.takeTurn(of: profile, work: .seconds(60)) != .taken(wasOthers: true))
            // All of it but the last moment passes at once.
            try await server.run(
                "UPDATE enrollment_gateway.turns SET ends = now() + interval '100 ms' WHERE profile_id = '\(profile.id)'",
                in: database
            )
            #expect(
                try await comes { try await next.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: true) }
            )
            // Should it not be dead after all, it does not end what is another's.
            await dead.endTurn(of: profile)
            guard case .busy = try await dead.takeTurn(of: profile, work: .seconds(60)) else {
                Issue.record("It took what another has")
                return
            }
        }
    }

    @Test("what ends a turn and comes late does not end the next one")
    func late() async throws {
        try await Gateways.with(2) { stores in
            let (one, other) = (stores[0], stores[1])
            let profile = freshProfile()
            _ = try await one.takeTurn(of: profile, work: .seconds(60))
            let first = try #require(one.turns.withLock { $0[profile] })
            await one.endTurn(of: profile)
            #expect(try await one.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: false))
            // As a server does that had stalled on it.
            let key: [Value] = [.text(profile.kind.rawValue), .uuid(profile.id.bytes), .id(one.instance)]
            _ = try await one.quick.rows(Query(.endTurn, key + [.time(microseconds: first)]))
            guard case .busy = try await other.takeTurn(of: profile, work: .seconds(60)) else {
                Issue.record("Two have it")
                return
            }
            await one.endTurn(of: profile)
            #expect(try await other.takeTurn(of: profile, work: .seconds(60)) == .taken(wasOthers: true))
            #expect(one.turns.withLock { $0.isEmpty })
        }
    }

    @Test("of many in four gateways none meets another in its turn")
    func alone() async throws {
        try await Gateways.with(4) { stores in
            let profile = freshProfile()
            let inside = Inside()
            try await withThrowingTaskGroup { group in
                for store in stores {
                    group.addTask {
                        for _ in 0..<10 {
                            let isTaken = try await comes {
                                if case .taken = try await store.takeTurn(of: profile, work: .seconds(60)) {
                                    true
                                } else {
                                    false
                                }
                            }
                            #expect(isTaken)
                            #expect(inside.count.add(1, ordering: .relaxed).newValue == 1)
                            await Task.yield()
                            inside.count.subtract(1, ordering: .relaxed)
                            await store.endTurn(of: profile)
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
    }

    @Test("whoever had it last is forgotten after days without a turn")
    func forgotten() async throws {
        try await Gateways.with(1) { stores, database, server in
            let (old, young) = (freshProfile(), freshProfile())
            for profile in [old, young] {
                _ = try await stores[0].takeTurn(of: profile, work: .seconds(60))
                await stores[0].endTurn(of: profile)
            }
            try await server.run(
                "UPDATE enrollment_gateway.turns SET ends = ends - interval '8 days' WHERE profile_id = '\(old.id)'",
                in: database
            )
            _ = try await stores[0].prune(olderThan: .seconds(86_400), limit: 100)
            #expect(try await stores[0].takeTurn(of: old, work: .seconds(60)) == .taken(wasOthers: true))
            #expect(try await stores[0].takeTurn(of: young, work: .seconds(60)) == .taken(wasOthers: false))
        }
    }
}

/// How many have the turn.
private final class Inside: Sendable {
    let count = Atomic(0)
}
