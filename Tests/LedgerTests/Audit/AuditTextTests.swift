import Foundation
import Graph
import Testing
import Transport

@testable import Ledger

@Suite("The text of a record")
struct AuditTextTests {
    private func members(_ line: String) throws -> [String: Any] {
        try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
    }

    @Test("a line of JSON has every member that the record knows, under the names that are documented")
    func complete() throws {
        var record = AuditSample.record(.created)
        record.sentAt = AuditSample.begin + .milliseconds(20)
        record.decidedAt = AuditSample.begin + .milliseconds(420)
        record.keyDigest = Digest(of: "key")
        record.result.code = "graph-failed"
        record.result.evidence = "read-back"
        record.result.tokenCreatedAt = AuditSample.begin
        record.result.tokenExpiresAt = AuditSample.begin + .seconds(3600)
        record.result.graphRequestIDs = ["one", "two"]
        record.result.graphRequestID = "two"
        record.result.graphActivityID = "activity"
        record.result.graphCode = "UnknownError"
        let line = AuditLine.text(record)
        #expect(!line.contains("\n"))
        let members = try members(line)
        #expect(
            members as NSDictionary == [
                "id": record.id.description, "acceptedAt": "2026-03-02T08:15:30.123Z",
                "sentAt": "2026-03-02T08:15:30.143Z", "decidedAt": "2026-03-02T08:15:30.543Z",
                "caller": "portal-eu", "keyId": "hikmehbh", "operation": "create",
                "profileId": "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6", "kind": "device-owner",
                "tokenValidityInSeconds": 3600, "state": "created", "outcome": "created",
                "code": "graph-failed", "evidence": "read-back",
                "tokenCreatedAt": "2026-03-02T08:15:30.123Z", "tokenExpiresAt": "2026-03-02T09:15:30.123Z",
                "graphRequestId": "two", "graphRequestIds": ["one", "two"], "graphActivityId": "activity",
                "graphCode": "UnknownError", "requestId": "req-1",
                "idempotencyKeyDigest": Digest(of: "key").description,
                "fingerprint": Digest(of: "fingerprint").description,
                "instance": "01890000-0000-7000-8000-0000000000aa",
            ] as NSDictionary
        )
    }

    @Test("what is not known is left out, and no member is null")
    func absent() throws {
        var record = AuditSample.record(.sent, operation: .revoke)
        record.keyID = nil
        let members = try members(AuditLine.text(record))
        #expect(
            Set(members.keys) == [
                "id", "acceptedAt", "caller", "operation", "profileId", "kind", "state", "outcome", "requestId",
                "fingerprint", "instance",
            ]
        )
        #expect(members["outcome"] as? String == "running")
    }

    @Test("every member is in the documentation's table")
    func documented() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/audit.md"), encoding: .utf8)
        var record = AuditSample.record()
        (record.sentAt, record.decidedAt, record.keyDigest) = (.now, .now, Digest(of: "key"))
        record.result.tokenCreatedAt = .now
        record.result.tokenExpiresAt = .now
        record.result.graphRequestIDs = [""]
        (record.result.code, record.result.evidence, record.result.graphRequestID) = ("", "", "")
        (record.result.graphActivityID, record.result.graphCode) = ("", "")
        let names = try members(AuditLine.text(record)).keys
        #expect(names.count == 24)
        for name in names { #expect(page.contains("`\(name)`"), "\(name)") }
        for outcome in LedgerRecord.Outcome.allCases { #expect(page.contains("`\(outcome)`"), "\(outcome)") }
        for state in LedgerRecord.State.allCases { #expect(page.contains("`\(state.rawValue)`"), "\(state.rawValue)") }
    }

    @Test("what is looked for by an outcome are the records that have it", arguments: LedgerRecord.Outcome.allCases)
    func outcomes(outcome: LedgerRecord.Outcome) {
        let (states, operation) = outcome.meaning
        for state in LedgerRecord.State.allCases {
            for other in LedgerRecord.Operation.allCases {
                let isMeant = states.contains(state) && (operation ?? other) == other
                #expect(
                    (AuditSample.record(state, operation: other).outcome == outcome) == isMeant,
                    "\(state), \(other)"
                )
            }
        }
    }

    @Test("the words for the outcomes stay")
    func words() {
        #expect(
            LedgerRecord.Outcome.allCases.map { "\($0)" } == [
                "created", "revoked", "reused", "not-created", "not-revoked", "unknown", "running",
            ]
        )
    }

    @Test("the table has heads once, and its columns go on where they were")
    func table() {
        var table = AuditTable()
        #expect(table.lines([]).isEmpty)
        let first = table.lines([AuditSample.record(caller: "a-caller-with-a-name")])
        #expect(first.count == 2 && first[0].hasPrefix("TIME"))
        let second = table.lines([AuditSample.record(.refused, caller: "x")])
        #expect(second.count == 1)
        let line =
            "2026-03-02T08:15:30Z  x                     hikmehbh  7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6  device-owner"
            + "  create     1h        not-created  -     -              req-1"
        #expect(second.first == line)
        #expect(first[0].firstRange(of: "OPERATION")?.lowerBound == first[1].firstRange(of: "create")?.lowerBound)
    }

    @Test(
        "nothing in a record speaks to a terminal, in the table or in JSON",
        arguments: ["\u{1B}[2J", "\n", "\u{9B}31m", "\u{202E}"]
    )
    func harmless(control: String) throws {
        var record = AuditSample.record(caller: "portal\(control)eu")
        record.requestID = control
        record.result.graphRequestID = control
        var table = AuditTable()
        let lines = table.lines([record])
        #expect(lines.count == 2 && !lines.joined().contains(control))
        guard control != "\u{202E}" else { return }
        let line = AuditLine.text(record)
        #expect(!line.contains(control))
        #expect(try members(line)["requestId"] as? String == control)
    }
}
