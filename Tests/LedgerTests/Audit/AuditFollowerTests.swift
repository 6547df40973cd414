import Testing
import Transport

@testable import Ledger

@Suite("Following the ledger")
struct AuditFollowerTests {
    private func follower(_ ledger: ScriptedLedger, outcome: LedgerRecord.Outcome? = nil, caller: String? = nil)
        async throws
        -> AuditFollower
    {
        var filter = LedgerFilter()
        filter.outcome = outcome
        filter.caller = caller
        var follower = AuditFollower(ledger, filter)
        try await follower.begin()
        return follower
    }

    @Test("what is there is not shown, what is decided from then on is, once")
    func fresh() async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 0), AuditSample.record(after: 1, .unknown)])
        var follower = try await follower(ledger)
        #expect(try await follower.look().isEmpty)
        let new = [AuditSample.record(after: 2), AuditSample.record(after: 3, .refused)]
        new.forEach(ledger.put)
        #expect(try await follower.look() == new)
        #expect(try await follower.look().isEmpty)
    }

    @Test("it begins with a ledger that is empty")
    func empty() async throws {
        let ledger = ScriptedLedger()
        var follower = try await follower(ledger)
        #expect(try await follower.look().isEmpty)
        let new = AuditSample.record()
        ledger.put(new)
        #expect(try await follower.look() == [new])
        #expect(try await follower.look().isEmpty)
    }

    @Test("a record is shown once it is decided, once when it becomes unknown, and again when that is decided")
    func undecided() async throws {
        let old = AuditSample.record(after: -10, .sent)
        let ledger = ScriptedLedger([old])
        var follower = try await follower(ledger)
        let new = AuditSample.record(after: 5, .sent)
        ledger.put(new)
        #expect(try await follower.look().isEmpty)
        ledger.decide(old.id, .created)
        ledger.decide(new.id, .unknown)
        #expect(try await follower.look().map(\.state) == [.created, .unknown])
        #expect(try await follower.look().isEmpty)
        ledger.decide(new.id, .refused)
        #expect(try await follower.look().map(\.outcome) == [.notCreated])
        #expect(try await follower.look().isEmpty)
    }

    @Test("one that is out of reach by far, and was left undecided before it began, is found when it is decided")
    func longAgo() async throws {
        let month = 30.0 * 86_400
        let old = (0..<30).map { AuditSample.record(after: Double($0), $0.isMultiple(of: 2) ? .unknown : .sent) }
        let ledger = ScriptedLedger(old + [AuditSample.record(after: month)])
        var follower = try await follower(ledger)
        for record in old { ledger.decide(record.id, .created) }
        var found: [LedgerRecord] = []
        for _ in 0..<2 { found += try await follower.look() }
        #expect(Set(found.map(\.id)) == Set(old.map(\.id)) && found.count == old.count)
        #expect(try await follower.look().isEmpty)
    }

    @Test("one that was deleted is forgotten")
    func deleted() async throws {
        let old = AuditSample.record(after: 0, .unknown)
        let other = AuditSample.record(after: 7200, .unknown)
        let ledger = ScriptedLedger([old, other, AuditSample.record(after: 86_400)])
        var follower = try await follower(ledger)
        ledger.delete(old.id)
        #expect(try await follower.look().isEmpty)
        ledger.decide(other.id, .created)
        #expect(try await follower.look().map(\.id) == [other.id])
    }

    @Test("one whose id is older than the last, as of a slow request or of another clock, is found")
    func late() async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 10_000)])
        var follower = try await follower(ledger)
        let slow = AuditSample.record(after: 10_000 - 60)
        ledger.put(slow)
        #expect(try await follower.look() == [slow])
        let skewed = AuditSample.record(after: 10_000 - 1000)
        ledger.put(skewed)
        var found: [LedgerRecord] = []
        for _ in 0..<AuditFollower.farEvery { found += try await follower.look() }
        #expect(found == [skewed])
    }

    @Test("what came while it could not look, or slept, is not left out", arguments: [false, true])
    func pause(fails: Bool) async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 0)])
        var follower = try await follower(ledger)
        let new = [3000.0, 6000, 9000].map { AuditSample.record(after: $0) }
        new.forEach(ledger.put)
        if fails {
            ledger.fail(LedgerFault(.unavailable, "locked"))
            await #expect(throws: LedgerFault.self) { try await follower.look() }
        }
        #expect(try await follower.look() == new)
    }

    @Test("what it reads does not grow with what is in the ledger")
    func bounded() async throws {
        let records = (0..<5000).map { AuditSample.record(after: Double($0)) }
        let ledger = ScriptedLedger(records)
        var follower = try await follower(ledger)
        let before = ledger.read
        #expect(try await follower.look().isEmpty)
        #expect(ledger.read - before <= Int(AuditFollower.near.seconds) + 1)
    }

    @Test("however many become unknown within reach, each is shown once, and again when it is decided")
    func manyUnknown() async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 0)])
        var follower = try await follower(ledger)
        let unknown = (1...1500).map { AuditSample.record(after: Double($0), .unknown) }
        unknown.forEach(ledger.put)
        var found: [LedgerRecord] = []
        for _ in 0...AuditFollower.farEvery { found += try await follower.look() }
        #expect(found.map(\.id) == unknown.map(\.id))
        ledger.decide(unknown[0].id, .created)
        var decided: [LedgerRecord] = []
        for _ in 0..<AuditFollower.farEvery { decided += try await follower.look() }
        #expect(decided.map(\.id) == [unknown[0].id])
    }

    @Test(
        "what is more than it keeps in mind is shown once all the same, and the newest are found when they are decided"
    )
    func tooMany() async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 0)])
        var follower = AuditFollower(ledger, LedgerFilter(), capacity: 100)
        try await follower.begin()
        let records = (1...300).map {
            AuditSample.record(after: Double($0), $0.isMultiple(of: 3) ? .created : .unknown)
        }
        records.forEach(ledger.put)
        var found: [LedgerRecord] = []
        for _ in 0..<AuditFollower.farEvery * 2 { found += try await follower.look() }
        #expect(found.map(\.id) == records.map(\.id))
        let newest = records.suffix(100).filter { $0.state == .unknown }.map(\.id)
        for id in newest { ledger.decide(id, .created) }
        found = []
        for _ in 0..<AuditFollower.farEvery { found += try await follower.look() }
        #expect(Set(found.map(\.id)) == Set(newest) && found.count == newest.count)
    }

    @Test("it holds to the filter, also where what is looked for is known only later")
    func filter() async throws {
        let ledger = ScriptedLedger()
        var follower = try await follower(ledger, outcome: .created, caller: "it")
        let mine = AuditSample.record(after: 1, .unknown, caller: "it")
        ledger.put(mine)
        ledger.put(AuditSample.record(after: 2, .refused, caller: "it"))
        ledger.put(AuditSample.record(after: 3, .created, caller: "other"))
        #expect(try await follower.look().isEmpty)
        ledger.decide(mine.id, .created)
        #expect(try await follower.look().map(\.id) == [mine.id])
    }

    @Test("what a list has shown meanwhile is not shown again, and what it has shown as running is")
    func noted() async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 0)])
        var follower = try await follower(ledger)
        let listed = AuditSample.record(after: 1)
        let running = AuditSample.record(after: 2, .sent)
        for record in [listed, running] {
            ledger.put(record)
            follower.noteShown(record)
        }
        #expect(try await follower.look().isEmpty)
        ledger.decide(running.id, .created)
        #expect(try await follower.look().map(\.id) == [running.id])
    }

    @Test("the first record of all, which a list has shown, is not shown again")
    func notedFirst() async throws {
        let ledger = ScriptedLedger()
        var follower = try await follower(ledger)
        let listed = AuditSample.record(after: 1)
        ledger.put(listed)
        follower.noteShown(listed)
        #expect(try await follower.look().isEmpty)
    }

    @Test("a look that fails loses nothing, and shows nothing twice")
    func fault() async throws {
        let ledger = ScriptedLedger([AuditSample.record(after: 0), AuditSample.record(after: 1, .unknown)])
        var follower = try await follower(ledger)
        let new = (0..<600).map { AuditSample.record(after: 10_000 + Double($0) / 10) }
        new.forEach(ledger.put)
        // The first page comes, the second does not.
        ledger.fail(nil, LedgerFault(.unavailable, "locked"))
        await #expect(throws: LedgerFault.self) { try await follower.look() }
        #expect(try await follower.look().map(\.id) == new.map(\.id))
        #expect(try await follower.look().isEmpty)
    }
}
