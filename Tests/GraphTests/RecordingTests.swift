import Synchronization
import TestSupport
import Testing
import Transport

@testable import Graph

/// A record that keeps what it is told, and can refuse.
final class FakeRecord: WriteRecord {
    private let log = Mutex<[(facts: SendFacts, sends: Int)]>([])
    private let fails: Bool
    private let sends: @Sendable () -> Int
    private let pause: @Sendable () async -> Void

    init(
        fails: Bool = false,
        sends: @escaping @Sendable () -> Int = { 0 },
        pause: @escaping @Sendable () async -> Void = {}
    ) {
        self.fails = fails
        self.sends = sends
        self.pause = pause
    }

    var facts: [SendFacts] { log.withLock { $0.map(\.facts) } }
    /// How many sends had arrived each time.
    var arrived: [Int] { log.withLock { $0.map(\.sends) } }

    func willSend(_ facts: SendFacts) async throws(NotRecorded) {
        log.withLock { $0.append((facts, sends())) }
        await pause()
        if fails { throw NotRecorded() }
    }
}

@Suite("Putting writes on record", .timeLimit(.minutes(5)))
struct RecordingTests {
    private static let plain = TokenOrder(validityInSeconds: 3600)

    @Test("Graph's time is looked at anew when it was seen too long ago", arguments: [(500, 0), (700, 1)])
    func staleTime(seconds: Int, reads: Int) async throws {
        let bench = Bench()
        _ = try await bench.mint(Self.plain, record: FakeRecord()).get()
        bench.clock.advance(by: .seconds(seconds))
        let before = bench.reads
        let record = FakeRecord()
        _ = try await bench.mint(Self.plain, record: record).get()
        #expect(bench.reads - before == reads)
        #expect(record.facts.map(\.isGraphsTime) == [true])
    }

    @Test("a creation is on record before it leaves, with Graph's time and what was there before")
    func creation() async throws {
        for kind in ProfileKind.allCases {
            let bench = Bench(kind)
            let before = FakeGraph.Shown(
                value: "old",
                createdAt: bench.graph.now - .seconds(60),
                expiresAt: bench.graph.now + .seconds(60)
            )
            bench.graph.show(before)
            let record = FakeRecord(sends: { bench.sends })
            _ = try await bench.mint(Self.plain, record: record).get()
            #expect(record.arrived == [0] && bench.sends == 1)
            let facts = try #require(record.facts.first)
            #expect(facts.isGraphsTime && facts.earliest <= bench.graph.now && facts.latest > facts.earliest)
            #expect(facts.latest - facts.earliest < .seconds(2))
            guard case .token(let createdAt, let from, let to) = facts.before else {
                Issue.record("\(facts.before)")
                continue
            }
            #expect((createdAt != nil) == kind.hasCreationTime)
            #expect(from == to && abs(((from ?? facts.earliest) - before.expiresAt!).seconds) < 0.01)
        }
    }

    @Test("what needs no baseline tells the end of the token that this process made last")
    func knownBaseline() async throws {
        let bench = Bench()
        await bench.becomeKnown(validity: 7200)
        let end = try #require(bench.graph.shown?.expiresAt)
        let reads = bench.reads
        let record = FakeRecord()
        _ = try await bench.mint(Self.plain, record: record).get()
        #expect(bench.reads == reads)
        guard case .token(nil, let from?, let to?) = try #require(record.facts.first).before else {
            Issue.record("\(record.facts)")
            return
        }
        #expect(from <= end && end <= to && to - from < .seconds(10))
    }

    @Test("an empty profile is told apart from one that was not read")
    func emptyProfile() async throws {
        let bench = Bench()
        let record = FakeRecord()
        _ = try await bench.mint(Self.plain, record: record).get()
        #expect(record.facts.map(\.before) == [.empty(ended: nil)])
        let revocation = FakeRecord()
        bench.graph.script(reads: [.fails(.reset)])
        _ = try await bench.revoke(record: revocation).get()
        #expect(revocation.facts.map(\.before) == [.unknown])
    }

    @Test("what cannot be put on record is not sent")
    func refused() async {
        let bench = Bench()
        let error = await bench.mint(Self.plain, record: FakeRecord(fails: true)).error
        #expect(error?.kind.label == "notRecorded" && error?.outcome == .notCreated && bench.sends == 0)
        guard case .failure(let revocation) = await bench.revoke(record: FakeRecord(fails: true)) else {
            Issue.record("it was revoked")
            return
        }
        #expect(revocation.kind.label == "notRecorded" && revocation.outcome == .notRevoked)
        #expect(bench.graph.count(.revokeToken) == 0)
    }

    @Test("a record that takes too long leaves no time to send")
    func slow() async {
        let bench = Bench()
        let clock = bench.clock
        let record = FakeRecord(pause: { clock.advance(by: .seconds(24)) })
        let error = await bench.mint(Self.plain, record: record).error
        #expect(error?.kind.label == "timedOut" && error?.outcome == .notCreated && bench.sends == 0)
    }

    @Test("each send of one write is told of; a write that is never sent is not")
    func again() async throws {
        let bench = Bench(creates: [.answers(.status(401)), .fails(.notConnected)])
        let record = FakeRecord(sends: { bench.sends })
        _ = try await bench.mint(Self.plain, record: record).get()
        #expect(record.arrived == [0, 1, 2])
        let missing = Bench(reads: [.answers(.status(404))])
        let unsent = FakeRecord()
        #expect(await missing.mint(Self.plain, record: unsent).error?.kind.label == "profileNotFound")
        #expect(unsent.facts.isEmpty)
    }
}
