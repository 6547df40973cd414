import Graph
import Logging
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Ledger

@Suite("Records of requests that are being answered", .timeLimit(.minutes(5)))
struct OpenRecordTests {
    @Test("nothing is written before the send, one record with it, and what came of it after it")
    func lifecycle() async throws {
        let place = try await Workplace()
        let entry = try await place.new(Workplace.request())
        #expect(try await place.records.isEmpty)
        try await entry.willSend(Workplace.facts)
        var other = Workplace.facts
        other.before = .unknown
        try await entry.willSend(other)
        let sent = try #require(try await place.records.first)
        #expect(sent.state == .sent && sent.send == Workplace.facts && sent.decidedAt == nil)
        #expect(place.store.calls.filter { $0 == .begin }.count == 1)
        await entry.finish(.created)
        let records = try await place.records
        #expect(records.map(\.state) == [.created] && records.map(\.result.graphRequestID) == ["g"])
        #expect(records[0].id == sent.id && records[0].decidedAt != nil)
        #expect(place.ledger.state.withLock { $0.active.isEmpty })
    }

    @Test("what was refused before the send is on record, too")
    func unsent() async throws {
        let place = try await Workplace()
        await (try place.new(Workplace.request())).finish(.failed(.throttled))
        let record = try #require(try await place.records.first)
        #expect(record.state == .refused && record.sentAt == nil && record.result.code == "code")
    }

    @Test(
        "an outcome that cannot be written is written later, and answered meanwhile; the record stays sent until then"
    )
    func unwritten() async throws {
        let place = try await Workplace()
        let request = Workplace.request(key: "k")
        let entry = try await place.new(request)
        try await entry.willSend(Workplace.facts)
        place.store.fail([.settle])
        await entry.finish(.created)
        #expect(try await place.records.map(\.state) == [.sent])
        #expect(place.ledger.health.unwritten == 1 && place.ledger.health.fault != nil)
        // Whoever asks again hears the truth, though the file does not know it.
        let earlier = try await place.earlier(request)
        #expect(earlier.state == .created && earlier.result.graphRequestID == "g")
        // Nobody reads a profile about it.
        #expect(try await place.ledger.orphans(limit: 10).records.isEmpty)
        await place.ledger.writeUnwritten()
        #expect(place.ledger.health.unwritten == 1)
        place.store.fail([])
        await place.ledger.writeUnwritten()
        #expect(try await place.records.map(\.state) == [.created])
        #expect(place.ledger.health.unwritten == 0 && place.ledger.health.fault == nil)
        #expect(try await place.earlier(request).state == .created)
    }

    @Test("a request that could not be put on record leaves its key free, and no record")
    func unrecorded() async throws {
        let place = try await Workplace()
        let request = Workplace.request(key: "k")
        let entry = try await place.new(request)
        place.store.fail([.begin])
        await #expect(throws: NotRecorded.self) { try await entry.willSend(Workplace.facts) }
        await entry.finish(
            LedgerOutcome(GraphError(.notRecorded, outcome: .notCreated), code: Ledger.unavailableCode, isFinal: false)
        )
        #expect(place.ledger.health.fault?.reason == "no space is left")
        place.store.fail([])
        #expect(try await place.records.isEmpty)
        let again = try await place.new(request)
        try await again.willSend(Workplace.facts)
        #expect(place.ledger.health.fault == nil)
    }

    @Test("a request whose key is another's by now is not sent, and nothing ails the ledger", arguments: [true, false])
    func conflict(hasKey: Bool) async throws {
        let place = try await Workplace()
        let entry = try await place.new(Workplace.request(key: hasKey ? "k" : nil))
        place.store.fail([.begin], as: .conflict)
        await #expect(throws: NotRecorded.self) { try await entry.willSend(Workplace.facts) }
        #expect(place.ledger.health.fault == nil)
        // Nor does it end a fault that there is.
        place.store.fail([.probe])
        await place.ledger.probe()
        place.store.fail([.begin], as: .conflict)
        try? await entry.willSend(Workplace.facts)
        #expect(place.ledger.health.fault?.kind == .unavailable)
    }

    @Test("where it is not certain that nothing was written, the record says in the end that nothing was sent")
    func uncertain() async throws {
        let place = try await Workplace()
        let request = Workplace.request(key: "k")
        let entry = try await place.new(request)
        place.store.fail([.begin], uncertain: true)
        await #expect(throws: NotRecorded.self) { try await entry.willSend(Workplace.facts) }
        #expect(try await place.records.map(\.state) == [.sent])
        place.store.fail([])
        // It cannot be sent any more.
        await #expect(throws: NotRecorded.self) { try await entry.willSend(Workplace.facts) }
        await entry.finish(
            LedgerOutcome(GraphError(.notRecorded, outcome: .notCreated), code: Ledger.unavailableCode, isFinal: false)
        )
        #expect(try await place.records.map(\.state) == [.refused])
        _ = try await place.new(request)
    }

    @Test("though ended by force, the ledger waits for the outcome of what was sent")
    func endedByForce() async throws {
        let place = try await Workplace()
        let entry = try await place.new(Workplace.request())
        try await entry.willSend(Workplace.facts)
        let service = Task { try await LedgerService(place.ledger, settling: Workplace.never).run() }
        service.cancel()
        try await Task.sleep(for: .milliseconds(100))
        await entry.finish(.created)
        try await service.value
        let next = try await Workplace(in: place.folder)
        #expect(try await next.records.map(\.state) == [.created])
    }

    @Test("a store that answers again after a fault is noticed by the probe alone")
    func probe() async throws {
        let place = try await Workplace()
        place.store.fail([.begin, .probe])
        let entry = try await place.new(Workplace.request())
        try? await entry.willSend(Workplace.facts)
        await place.ledger.probe()
        #expect(place.ledger.health.fault != nil)
        place.store.fail([])
        await place.ledger.probe()
        #expect(place.ledger.health.fault == nil)
    }

    @Test("a request that is under way is told as such, until it is finished")
    func inProgress() async throws {
        let place = try await Workplace()
        let request = Workplace.request(key: "k")
        let entry = try await place.new(request)
        for isSent in [false, true] {
            if isSent { try await entry.willSend(Workplace.facts) }
            await #expect(throws: Ledger.Refusal.inProgress(retryAfter: .seconds(2))) {
                try await place.earlier(request)
            }
        }
        await entry.finish(.created)
        #expect(try await place.earlier(request).state == .created)
    }

    @Test("decided and unknown records go to the audit log, each as it is written")
    func audit() async throws {
        let folder = try Folder()
        let audit = try AuditLog(
            path: folder.path("audit.log"),
            logger: .init(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let place = try await Workplace(in: folder, audit: audit)
        for outcome in [LedgerOutcome.created, .failed(.throttled), .failed(.outcomeUnknown, .unknown)] {
            let entry = try await place.new(Workplace.request())
            try await entry.willSend(Workplace.facts)
            await entry.finish(outcome)
        }
        await audit.flush()
        let lines = try folder.read("audit.log").split(separator: "\n")
        #expect(lines.count == 3 && lines[0].contains(#""outcome":"created""#))
        #expect(lines[1].contains("not-created") && lines[2].contains("unknown"))
        #expect(lines.allSatisfy { $0.contains("decidedAt") || $0.contains("unknown") })
        #expect(lines.allSatisfy { $0.contains("sentAt") })
    }
}
