import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Graph

/// A write is sent by one process; another one, which knows only what is on record, finds out what came of it.
@Suite("Settling what was sent some time ago", .timeLimit(.minutes(5)))
struct SettlingTests {
    /// What the one has put on record, and the profile after so long.
    private static func sent(
        _ step: FakeGraph.Create,
        _ kind: ProfileKind = .androidForWork,
        before: Duration? = nil,
        revokes: Bool = false
    ) async throws -> (bench: Bench, facts: SendFacts) {
        let bench = Bench(kind, creates: Array(repeating: step, count: revokes ? 3 : 1))
        if let before {
            let end = bench.graph.now + before
            bench.graph.show(.init(value: "old", createdAt: end - .seconds(7200), expiresAt: end))
        }
        let record = FakeRecord()
        if revokes {
            _ = await bench.revoke(record: record)
        } else {
            _ = await bench.mint(TokenOrder(validityInSeconds: 3600), record: record)
        }
        return (bench, try #require(record.facts.first))
    }

    private static func settle(
        _ bench: Bench,
        _ facts: SendFacts,
        _ kind: SentWrite.Kind = .creation(validity: .seconds(3600)),
        settled: Duration = .seconds(3),
        neighbours: [SentWrite.Neighbour] = [],
        isFollowedByRevocation: Bool = false,
        peers: [PeerWrite] = []
    ) async throws -> Settlement {
        // A process of its own, which has done nothing yet.
        let tokens = EnrollmentTokens(
            configuration: bench.configuration,
            transport: bench.transport,
            tokens: bench.source,
            clock: bench.clock,
            wallClock: { bench.graph.now }
        )
        tokens.learn(peers, of: bench.profile)
        let write = SentWrite(
            profile: bench.profile,
            kind: kind,
            facts: facts,
            work: .seconds(30),
            settled: bench.clock.now.advanced(by: settled),
            neighbours: neighbours,
            isFollowedByRevocation: isFollowedByRevocation
        )
        return try await tokens.settle(write, before: bench.clock.now.advanced(by: .seconds(15))).settlement
    }

    @Test("a token that was created is found, and nothing is sent", arguments: ProfileKind.allCases)
    func created(kind: ProfileKind) async throws {
        for before in [nil, Duration.seconds(100)] {
            let (bench, facts) = try await Self.sent(.created, kind, before: before)
            let sends = bench.sends
            bench.clock.advance(by: .seconds(40))
            guard case .done(let createdAt?, let expiresAt?) = try await Self.settle(bench, facts) else {
                Issue.record("not found")
                continue
            }
            #expect(abs((expiresAt - bench.graph.shown!.expiresAt!).seconds) < 0.01)
            #expect(expiresAt - createdAt == .seconds(3600))
            #expect(bench.sends == sends)
        }
    }

    @Test(
        "that nothing was created takes two reads, the last not before it is settled",
        arguments: ProfileKind.allCases
    )
    func notCreated(kind: ProfileKind) async throws {
        for before in [nil, Duration.seconds(100), .seconds(-100)] {
            let (bench, facts) = try await Self.sent(.answers(.status(500)), kind, before: before)
            let (reads, begun) = (bench.reads, bench.clock.now)
            #expect(try await Self.settle(bench, facts) == .notDone)
            #expect(bench.reads - reads >= 2)
            #expect(bench.graph.times(of: .readProfile).last! - begun >= .seconds(3))
        }
    }

    @Test("two tokens that end in the same second may look the same, and are not taken for each other")
    func wholeSeconds() async throws {
        for isWhole in [true, false] {
            let bench = Bench(epoch: Timestamp(secondsSince1970: isWhole ? 1_900_000_000 : 1_900_000_000.3))
            let end = bench.graph.now + .seconds(3600)
            bench.graph.show(.init(value: "old", createdAt: nil, expiresAt: end))
            let record = FakeRecord()
            bench.graph.script(creates: [.answers(.status(500))])
            _ = await bench.mint(TokenOrder(validityInSeconds: 3600), record: record)
            let settlement = try await Self.settle(bench, try #require(record.facts.first))
            #expect(settlement == (isWhole ? .open : .notDone))
        }
    }

    @Test("a profile that was emptied since is no proof that nothing was created")
    func emptiedSince() async throws {
        let (bench, facts) = try await Self.sent(.created)
        _ = await bench.revoke()
        #expect(try await Self.settle(bench, facts) == .open)
        // Nor is one that would have run out by itself.
        let (short, same) = try await Self.sent(.answers(.status(500)))
        short.clock.advance(by: .seconds(3700))
        #expect(try await Self.settle(short, same) == .open)
    }

    @Test("a token that Graph shows late is found, and never taken for a no", arguments: ProfileKind.allCases)
    func lag(kind: ProfileKind) async throws {
        let (bench, facts) = try await Self.sent(.created, kind, before: .seconds(100))
        bench.graph.script(reads: [.old, .old, .old])
        guard case .done = try await Self.settle(bench, facts) else {
            Issue.record("not found")
            return
        }
    }

    @Test("another's token leaves it open", arguments: ProfileKind.allCases)
    func another(kind: ProfileKind) async throws {
        for (age, validity) in [(Duration.seconds(-50), 3600), (.zero, 7200)] {
            let (bench, facts) = try await Self.sent(.answers(.status(500)), kind, before: .seconds(100))
            let created = bench.graph.now - age
            bench.graph.show(.init(value: "other", createdAt: created, expiresAt: created + .seconds(validity)))
            #expect(try await Self.settle(bench, facts) == .open)
        }
    }

    @Test("a neighbour's token is not taken for ours")
    func neighbour() async throws {
        let (bench, facts) = try await Self.sent(.created)
        let created = bench.graph.shown!.createdAt!
        let near = SentWrite.Neighbour(validity: .seconds(3600), from: created - .seconds(2), to: created - .seconds(2))
        #expect(try await Self.settle(bench, facts, neighbours: [near]) == .open)
        let far = SentWrite.Neighbour(validity: .seconds(3600), from: created - .seconds(9), to: created - .seconds(9))
        guard case .done = try await Self.settle(bench, facts, neighbours: [far]) else {
            Issue.record("not found")
            return
        }
    }

    @Test("a neighbour whose token was shown before the send is not taken for what is shown after it")
    func shownBefore() async throws {
        let (bench, facts) = try await Self.sent(.created, before: .seconds(3598))
        let old = bench.graph.shown!.createdAt! - .seconds(2)
        let first = SentWrite.Neighbour(validity: .seconds(3600), from: old, to: old, isEarlier: true)
        // It may have come to be shown in the meantime.
        let second = SentWrite.Neighbour(validity: .seconds(3600), from: old, to: old + .seconds(30))
        guard case .done = try await Self.settle(bench, facts, neighbours: [first]) else {
            Issue.record("not found")
            return
        }
        #expect(try await Self.settle(bench, facts, neighbours: [first, second]) == .open)
        let (undone, same) = try await Self.sent(.answers(.status(500)), before: .seconds(3598))
        #expect(try await Self.settle(undone, same, neighbours: [first]) == .notDone)
    }

    @Test("without Graph's own time there is no yes")
    func noDate() async throws {
        let (bench, real) = try await Self.sent(.created)
        var facts = real
        facts.isGraphsTime = false
        #expect(try await Self.settle(bench, facts) == .open)
        facts.before = .unknown
        facts.isGraphsTime = true
        guard case .done = try await Self.settle(bench, facts) else {
            Issue.record("not found")
            return
        }
    }

    @Test("a revocation is done where the profile has no token, and not where it has the same still")
    func revocation() async throws {
        let (done, facts) = try await Self.sent(.acting(.fails(.reset)), before: .seconds(7200), revokes: true)
        #expect(try await Self.settle(done, facts, .revocation) == .done(createdAt: nil, expiresAt: nil))
        let (undone, same) = try await Self.sent(.fails(.reset), before: .seconds(7200), revokes: true)
        #expect(try await Self.settle(undone, same, .revocation) == .notDone)
        undone.graph.show(.init(value: "new", createdAt: nil, expiresAt: undone.graph.now + .seconds(9000)))
        #expect(try await Self.settle(undone, same, .revocation) == .open)
    }

    @Test("a profile that does not show the token of a moment ago yet is no proof of its revocation")
    func revocationBehind() async throws {
        let (bench, facts) = try await Self.sent(.fails(.reset), revokes: true)
        let created = bench.graph.now
        let creation = PeerWrite(
            kind: .creation(validity: .seconds(3600)),
            sent: bench.clock.now,
            answered: bench.clock.now,
            isCertain: true
        )
        bench.graph.show(.init(value: "new", createdAt: created, expiresAt: created + .seconds(3600)))
        bench.graph.script(reads: Array(repeating: .old, count: 50))
        #expect(try await Self.settle(bench, facts, .revocation, peers: [creation]) == .open)
        // One that was ended after that creation is news.
        bench.graph.script(reads: [])
        bench.graph.show(.init(value: nil, createdAt: nil, expiresAt: bench.graph.now))
        #expect(
            try await Self.settle(bench, facts, .revocation, peers: [creation]) == .done(createdAt: nil, expiresAt: nil)
        )
    }

    @Test("where a revocation may have followed, a profile without a token proves nothing of a creation")
    func revokedSince() async throws {
        let (bench, facts) = try await Self.sent(.answers(.status(500)))
        #expect(try await Self.settle(bench, facts, isFollowedByRevocation: true) == .open)
        #expect(try await Self.settle(bench, facts) == .notDone)
    }

    @Test("where nothing can be read it is said so")
    func unreadable() async throws {
        let (bench, facts) = try await Self.sent(.created)
        bench.graph.script(reads: Array(repeating: .answers(.status(503)), count: 50))
        await #expect(throws: GraphError.self) { try await Self.settle(bench, facts) }
        bench.graph.script(reads: [.answers(.status(404))])
        await #expect(throws: GraphError.self) { try await Self.settle(bench, facts) }
    }
}
