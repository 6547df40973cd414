import Foundation
import GRDB
import Graph
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Transport

@testable import Ledger

/// One process is killed between its send and its answer; the next one has only what is on record.
@Suite("What was left behind", .timeLimit(.minutes(5)))
struct LeftBehindTests {
    private static let created = Settlement.done(
        createdAt: Timestamp(secondsSince1970: 1_772_439_330),
        expiresAt: Timestamp(secondsSince1970: 1_772_442_930)
    )

    /// The next process's place.
    private static func restarted(
        _ requests: [LedgerRequest],
        finishing outcome: LedgerOutcome? = nil,
        clock: any MonotonicClock = ContinuousClock(),
        latest: Duration = Ledger.latest
    ) async throws -> Workplace {
        let first = try await Workplace()
        for request in requests {
            let entry = try await first.new(request)
            try await entry.willSend(Workplace.facts)
            if let outcome { await entry.finish(outcome) }
        }
        await first.die()
        return try await Workplace(in: first.folder, clock: clock, isStarting: true, latest: latest)
    }

    /// Runs the ledger's own work until nothing is left behind.
    private static func started(_ place: Workplace, _ settler: FakeSettler) async throws {
        let group = ServiceGroup(
            configuration: .init(
                services: [LedgerService(place.ledger, settling: settler)],
                logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }
            )
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            while place.ledger.health.isStarting { try await Task.sleep(for: .milliseconds(5)) }
            tasks.cancelAll()
        }
    }

    @Test("it is looked into before anything is taken, and then answered under its key")
    func settled() async throws {
        let request = Workplace.request(key: "k")
        let place = try await Self.restarted([request])
        await #expect(throws: Ledger.Refusal.starting(retryAfter: .seconds(3))) { try await place.new(request) }
        let settler = FakeSettler(Self.created)
        try await Self.started(place, settler)
        let asked = try #require(settler.asked.first)
        #expect(settler.asked.count == 1 && asked.facts == Workplace.facts && asked.profile == request.profile)
        guard case .creation(.seconds(3600)) = asked.kind else {
            Issue.record("\(asked.kind)")
            return
        }
    }

    @Test("each thing that reading can say is on record after it", arguments: [0, 1, 2])
    func outcomes(which: Int) async throws {
        let request = Workplace.request(key: "k")
        let clock = ManualClock()
        // What is sent so long ago that nothing more can come of it.
        let place = try await Self.restarted([request], clock: clock, latest: .seconds(-40))
        let settlement = [Self.created, .notDone, .open][which]
        let records = try await place.records
        let known = try #require(
            try await place.ledger.settle(records[0], with: FakeSettler(settlement), patience: .leftBehind)
        )
        let stored = try #require(try await place.records.first)
        #expect(known.state == stored.state && stored.state == [.created, .refused, .unknown][which])
        place.ledger.finishStarting(late: false)
        switch which {
        case 0:
            let earlier = try await place.earlier(request)
            #expect(
                earlier.result.evidence == "read-back"
                    && earlier.result.tokenExpiresAt?.secondsSince1970 == 1_772_442_930
            )
        case 1:
            #expect(stored.result.code == "graph-failed")
            _ = try await place.new(request)
        default:
            // It is read about again after a while, never sent.
            let settler = FakeSettler(.open)
            let earlier = try await place.earlier(request, settler)
            #expect(earlier.state == .unknown && earlier.result.code == "outcome-unknown")
            #expect(try await place.earlier(request, Workplace.never).state == .unknown)
            #expect(settler.asked.count == 1)
            clock.advance(by: .seconds(5))
            #expect(try await place.earlier(request, FakeSettler(Self.created)).state == .created)
        }
    }

    @Test("where more can be known later, it stays as it is, is told to be unknown, and is looked into again then")
    func postponed() async throws {
        let request = Workplace.request(key: "k")
        let clock = ManualClock()
        let place = try await Self.restarted([request], clock: clock)
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let known = try await place.ledger.settle(orphan, with: FakeSettler(.open), patience: .leftBehind)
        #expect(known?.state == .unknown)
        #expect(try await place.records.map(\.state) == [.sent])
        #expect(try await place.ledger.orphans(limit: 10).records.isEmpty)
        place.ledger.finishStarting(late: false)
        clock.advance(by: .seconds(5))
        #expect(try await place.earlier(request, FakeSettler(.open)).state == .unknown)
        #expect(try await place.records.map(\.state) == [.sent])
        clock.advance(by: .seconds(90))
        #expect(try await place.ledger.orphans(limit: 10).records.map(\.id) == [orphan.id])
        _ = try await place.ledger.settle(orphan, with: FakeSettler(.notDone), patience: .leftBehind)
        #expect(try await place.records.map(\.outcome) == [.notCreated])
    }

    @Test("a no is not believed before Graph can be done with it")
    func patience() async throws {
        let place = try await Self.restarted([Workplace.request()])
        let settler = FakeSettler(.open)
        let record = try #require(try await place.records.first)
        let begun = place.ledger.clock.now
        _ = try await place.ledger.settle(record, with: settler, patience: .leftBehind)
        let ended = place.ledger.clock.now
        let settled = try #require(settler.asked.first).settled
        let sentAgo = Timestamp.now - (record.sentAt ?? record.acceptedAt)
        #expect(settled - ended <= .seconds(90) && settled - begun > .seconds(89) - sentAgo)
    }

    @Test("where something later was done to the profile, nothing is read: it stays unknown")
    func replaced() async throws {
        let profile = freshProfile()
        let first = try await Workplace()
        let lost = try await first.new(Workplace.request(key: "k", profile: profile))
        try await lost.willSend(Workplace.facts)
        let later = try await first.new(Workplace.request(profile: profile))
        try await later.willSend(Workplace.facts)
        await later.finish(.created)
        await first.die()
        let place = try await Workplace(in: first.folder)
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let known = try await place.ledger.settle(orphan, with: Workplace.never, patience: .leftBehind)
        #expect(known?.state == .unknown)
        #expect(try await place.records.map(\.state) == [.unknown, .created])
    }

    @Test("a token that may be of one who had the turn meanwhile is nobody's yes")
    func meanwhile() async throws {
        let profile = freshProfile()
        let place = try await Self.restarted([Workplace.request(key: "k", profile: profile)], latest: .seconds(-40))
        place.ledger.finishStarting(late: false)
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let settler = FakeSettler { (_) throws(GraphError) in
            // While the turn is waited for, another creates one.
            let other = try? await place.new(Workplace.request(profile: profile))
            try? await other?.willSend(Workplace.facts)
            return Self.created
        }
        let known = try await place.ledger.settle(orphan, with: settler, patience: .leftBehind)
        #expect(known?.state == .unknown)
    }

    @Test("a record that so many followed that it is not told of any more is unknown, and not left as sent for ever")
    func buried() async throws {
        let profile = freshProfile()
        let first = try await Workplace()
        let lost = try await first.new(Workplace.request(key: "k", profile: profile))
        try await lost.willSend(Workplace.facts)
        for _ in 0..<70 {
            let later = try await first.new(Workplace.request(profile: profile))
            try await later.willSend(Workplace.facts)
            await later.finish(.failed(.outcomeUnknown, .unknown))
        }
        await first.die()
        let place = try await Workplace(in: first.folder)
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let known = try await place.ledger.settle(orphan, with: Workplace.never, patience: .leftBehind)
        #expect(known?.state == .unknown)
        #expect(try await place.ledger.orphans(limit: 10).records.isEmpty)
    }

    @Test("a look that is cut off says nothing, and writes nothing")
    func cutOff() async throws {
        let place = try await Self.restarted([Workplace.request(key: "k")])
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let settler = FakeSettler { (_) throws(GraphError) in
            withUnsafeCurrentTask { $0?.cancel() }
            return .open
        }
        let ledger = place.ledger
        let known = try await Task { try await ledger.settle(orphan, with: settler, patience: .leftBehind) }.value
        #expect(known == nil)
        #expect(try await place.records.map(\.state) == [.sent])
    }

    @Test("only one looks at a time; the others hear when to come again")
    func oneLook() async throws {
        let request = Workplace.request(key: "k")
        let place = try await Self.restarted([request])
        place.ledger.finishStarting(late: false)
        let settler = FakeSettler { (_) throws(GraphError) in
            let second = try? await place.earlier(request, Workplace.never)
            #expect(second == nil)
            return Self.created
        }
        #expect(try await place.earlier(request, settler).state == .created)
        #expect(settler.asked.count == 1)
    }

    @Test("where the ledger fails while it is looked, what is known is told: that it was sent, and no more")
    func faultWhileLooking() async throws {
        let request = Workplace.request(key: "k")
        let place = try await Self.restarted([request])
        place.ledger.finishStarting(late: false)
        place.store.fail([.writes])
        #expect(try await place.earlier(request, Workplace.never).state == .unknown)
        #expect(try await place.records.map(\.state) == [.sent])
    }

    @Test("the writes about the same time are told of, so that none is taken for another")
    func neighbours() async throws {
        let profile = freshProfile()
        let first = try await Workplace()
        let before = try await first.new(Workplace.request(profile: profile))
        try await before.willSend(Workplace.facts)
        await before.finish(.created)
        let lost = try await first.new(Workplace.request(profile: profile))
        try await lost.willSend(Workplace.facts)
        await first.die()
        let place = try await Workplace(in: first.folder)
        let settler = FakeSettler(.open)
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        _ = try await place.ledger.settle(orphan, with: settler, patience: .leftBehind)
        let neighbour = try #require(settler.asked.first?.neighbours.first)
        #expect(settler.asked[0].neighbours.count == 1 && neighbour.validity == .seconds(3600) && neighbour.isEarlier)
        #expect(neighbour.from.secondsSince1970 == 1_772_439_330)
    }

    @Test("of a revocation after it that may have been done it is told, too", arguments: [true, false])
    func revocation(isLater: Bool) async throws {
        let profile = freshProfile()
        let first = try await Workplace()
        for operation in isLater ? [LedgerRecord.Operation.create, .revoke] : [.revoke, .create] {
            try await first.new(Workplace.request(profile: profile, operation: operation)).willSend(Workplace.facts)
        }
        await first.die()
        let place = try await Workplace(in: first.folder)
        let settler = FakeSettler(.open)
        let orphans = try await place.ledger.orphans(limit: 10).records
        let creation = try #require(orphans.first { $0.operation == .create })
        _ = try await place.ledger.settle(creation, with: settler, patience: .leftBehind)
        #expect(settler.asked.map(\.isFollowedByRevocation) == [isLater])
    }

    @Test("what cannot be read about is tried again, and given up in the end; a profile that is gone at once")
    func unreadable() async throws {
        let failing = FakeSettler { (_) throws(GraphError) in throw GraphError(.failed, outcome: .unknown) }
        let gone = FakeSettler { (_) throws(GraphError) in throw GraphError(.profileNotFound, outcome: .unknown) }
        let place = try await Self.restarted([Workplace.request(), Workplace.request()])
        let records = try await place.records
        #expect(try await place.ledger.settle(records[0], with: failing, patience: .leftBehind) == nil)
        #expect(try await place.ledger.settle(records[1], with: gone, patience: .leftBehind)?.state == .unknown)
        #expect(try await place.records.map(\.state) == [.sent, .unknown])
    }

    @Test("time in which no gateway ran is no time in which it was tried")
    func longAgo() async throws {
        let clock = ManualClock()
        let place = try await Self.restarted([Workplace.request()], clock: clock)
        // Hours ago.
        try await DatabaseQueue(path: place.folder.path("ledger.sqlite")).write {
            try $0.execute(sql: "UPDATE records SET sent_at = sent_at - 7200000000, work_ends = work_ends - 7200000000")
        }
        let failing = FakeSettler { (_) throws(GraphError) in throw GraphError(.failed, outcome: .unknown) }
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        #expect(try await place.ledger.settle(orphan, with: failing, patience: .leftBehind) == nil)
        #expect(try await place.records.map(\.state) == [.sent])
        clock.advance(by: .seconds(601))
        #expect(try await place.ledger.settle(orphan, with: failing, patience: .leftBehind)?.state == .unknown)
    }

    @Test("what another finds out first stands, is told, and is in the audit log once")
    func foundOutBefore() async throws {
        let folder = try Folder()
        let first = try await Workplace(in: folder)
        try await first.new(Workplace.request()).willSend(Workplace.facts)
        await first.die()
        let log = try AuditLog(
            path: folder.path("audit.jsonl"),
            logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let place = try await Workplace(in: folder, audit: log, latest: .seconds(-40))
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let settler = FakeSettler { (_) throws(GraphError) in
            var found = orphan
            (found.state, found.result.evidence) = (.created, "read-back")
            _ = try? await place.store.settle(found, acceptedAgo: .zero, key: .released)
            return .open
        }
        let known = try await place.ledger.settle(orphan, with: settler, patience: .leftBehind)
        #expect(known?.state == .created)
        #expect(try await place.records.map(\.state) == [.created])
        await log.close()
        #expect(try String(contentsOfFile: folder.path("audit.jsonl"), encoding: .utf8).isEmpty)
    }

    @Test("two do not look into the same one at the same time")
    func oneLookInTheBackground() async throws {
        let place = try await Self.restarted([Workplace.request()])
        let orphan = try #require(try await place.ledger.orphans(limit: 10).records.first)
        let settler = FakeSettler { (_) throws(GraphError) in
            #expect(await !place.ledger.settleLeftBehind(orphan, with: Workplace.never))
            return Self.created
        }
        #expect(await place.ledger.settleLeftBehind(orphan, with: settler))
        #expect(settler.asked.count == 1)
    }

    @Test("requests are taken after a while, although some cannot be looked into")
    func bounded() async throws {
        let clock = ManualClock(automatic: true)
        let place = try await Self.restarted([Workplace.request()], clock: clock)
        let failing = FakeSettler { (_) throws(GraphError) in throw GraphError(.failed, outcome: .unknown) }
        let begun = clock.now
        try await Self.started(place, failing)
        #expect(clock.now - begun >= .seconds(20))
        _ = try await place.new(Workplace.request())
    }

    @Test("a record of another gateway that may still be at work is left alone")
    func others() async throws {
        let first = try await Workplace()
        let request = Workplace.request(key: "k")
        try await first.new(request).willSend(Workplace.facts)
        await first.die()
        let place = try await Workplace(in: first.folder, sharing: FakeSharing())
        let record = try await place.records[0]
        #expect(try await place.ledger.settle(record, with: Workplace.never, patience: .leftBehind) == nil)
        for _ in 0..<3 {
            await #expect(throws: Ledger.Refusal.inProgress(retryAfter: .seconds(2))) {
                try await place.earlier(request)
            }
        }
    }

    @Test("of many, each is looked into once")
    func many() async throws {
        let requests = (0..<100).map { Workplace.request(key: "k\($0)") }
        let place = try await Self.restarted(requests)
        let settler = FakeSettler(Self.created)
        try await Self.started(place, settler)
        #expect(settler.asked.count == 100 && Set(settler.asked.map(\.profile)).count == 100)
    }
}
