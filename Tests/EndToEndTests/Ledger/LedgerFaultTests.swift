import Foundation
import TestSupport
import Testing

@Suite("A ledger that cannot be written, end to end", .timeLimit(.minutes(5)), .fewAtOnce(2))
struct LedgerFaultTests {
    private func shown(_ gateway: LedgerGateway) async throws -> CurlAnswer {
        try await curl(["\(gateway.url)/profiles/\(Deployment.profile)/token", "-H", "X-API-Key: \(Deployment.key)"])
    }

    @Test(
        "nothing is created while it cannot be written, reads go on, and it comes back by itself",
        arguments: ["ENOSPC", "EROFS", "EIO"]
    )
    func unavailable(error: String) async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let gateway = try await site.gateway(interference.settings())
        let before = KeyedRequest()
        #expect(await before.send(to: gateway.url)?.status == 201)
        try interference.failWrites(with: error)
        let request = KeyedRequest(profile: "aaaaaaaa-0000-4000-8000-000000000002")
        for request in [request, KeyedRequest.revocation()] {
            let refused = try #require(await request.send(to: gateway.url))
            #expect(refused.status == 503 && refused["code"] == "ledger-unavailable", "\(refused.body)")
            #expect(refused["outcome"] == (request.validity == nil ? "not-revoked" : "not-created"))
            #expect(Int(refused.fields["retry-after"] ?? "") ?? 0 > 0)
        }
        let readiness = try await gateway.readiness()
        #expect(readiness.code == 200 && readiness.status == "degraded" && readiness.ledger == "degraded")
        let read = try await shown(gateway)
        #expect(read.status == 200 && read["status"] == "active")
        #expect(try await site.arrived("createToken") == 1)
        #expect(try await site.arrived("revokeToken") == 0)
        let complaints = gateway.program.log.filter { $0["ledger.fault"] != nil }
        #expect(complaints.count { $0["level"] == "error" } == 1, "once, not with each request: \(complaints)")

        interference.heal()
        try await gateway.waitUntilLedger(is: "ready")
        #expect(try await request.settle(at: gateway.url).status == 201)
        #expect(await before.send(to: gateway.url)?.isReplay == true)
        #expect(try await site.arrived("createToken") == 2)
        #expect(gateway.program.log.contains { $0["message"] == "The ledger can be written again" })
        try await gateway.stop()
    }

    @Test("an outcome that cannot be written is told all the same, and is written when it can be")
    func outcome() async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let gateway = try await site.gateway(interference.settings())
        #expect(await KeyedRequest().send(to: gateway.url)?.status == 201)
        try await site.inject(#"{"operation": "createToken", "effect": "delay", "delayMilliseconds": 15000}"#)
        let request = KeyedRequest(profile: "aaaaaaaa-0000-4000-8000-000000000002")
        async let answer = request.send(to: gateway.url)
        try await site.waitUntilArrived(2)
        try interference.failWrites(with: "ENOSPC")
        let created = try #require(await answer)
        #expect(created.status == 201 && !created.isReplay)
        #expect(try await site.records().last?["outcome"] == "running")
        // It is known here, though not on record.
        let again = try #require(await request.send(to: gateway.url))
        #expect([201, 503].contains(again.status), "\(again.body)")
        interference.heal()
        try await gateway.waitUntilLedger(is: "ready")
        let replay = try await request.settle(at: gateway.url)
        #expect(replay.isReplay && replay.body == created.body)
        #expect(try await site.records().last?["outcome"] == "created")
        #expect(try await site.arrived("createToken") == 2)
    }

    @Test("and where the gateway is killed before it can, the profile is read when it starts again")
    func killedUnwritten() async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let first = try await site.gateway(interference.settings())
        #expect(await KeyedRequest().send(to: first.url)?.status == 201)
        try await site.inject(#"{"operation": "createToken", "effect": "delay", "delayMilliseconds": 15000}"#)
        let request = KeyedRequest()
        async let answer = request.send(to: first.url)
        try await site.waitUntilArrived(2)
        try interference.failWrites(with: "EIO")
        let created = try #require(await answer)
        #expect(created.status == 201)
        try await first.kill()
        let second = try await site.gateway()
        let replay = try await request.settle(at: second.url)
        #expect(replay.status == 201 && replay.isReplay)
        let (told, known) = (try #require(created.expiresAt), try #require(replay.expiresAt))
        #expect(abs(told.timeIntervalSince(known)) <= 1)
        #expect(try await site.arrived("createToken") == 2)
    }

    @Test("a file that is no ledger is refused at start, with the way out, and left as it is")
    func corrupt() async throws {
        let garbage = String(repeating: "This is no database. ", count: 500)
        let site = try await LedgerSite()
        let path = try site.folder.write(garbage, to: LedgerSite.ledgerName)
        let program = try site.program()
        #expect(try await program.exitCode() == 1)
        #expect(program.standardError.contains("The ledger cannot be used: "), "\(program.standardError)")
        #expect(program.standardError.contains("move \(path) away"))
        #expect(try site.folder.read(LedgerSite.ledgerName) == garbage)
    }

    @Test("a ledger with a damaged page is refused at start")
    func damaged() async throws {
        let site = try await LedgerSite()
        let gateway = try await site.gateway()
        for _ in 0..<3 { #expect(await KeyedRequest().send(to: gateway.url)?.status == 201) }
        try await gateway.stop()
        // What is copied away is the whole ledger.
        #expect(!site.folder.names.contains { $0.hasSuffix("-wal") })
        let url = URL(filePath: site.folder.path(LedgerSite.ledgerName))
        var bytes = try Data(contentsOf: url)
        try #require(bytes.count > 3 * 4096)
        for index in 4096..<bytes.count { bytes[index] = UInt8(truncatingIfNeeded: index &* 31) }
        try bytes.write(to: url)
        let program = try site.program()
        #expect(try await program.exitCode() == 1)
        #expect(program.standardError.contains("The ledger cannot be used: "), "\(program.standardError)")
    }

    @Test("a second gateway on the same file is refused, and the first one goes on")
    func inUse() async throws {
        let site = try await LedgerSite()
        let first = try await site.gateway()
        let second = try site.program()
        #expect(try await second.exitCode() == 1)
        #expect(second.standardError.contains("The ledger cannot be used: "))
        #expect(
            second.standardError.contains("PostgreSQL") || second.standardError.contains("postgresql"),
            "\(second.standardError)"
        )
        #expect(await KeyedRequest().send(to: first.url)?.status == 201)
        // Who was killed has it no more.
        try await first.kill()
        let third = try await site.gateway()
        #expect(try await KeyedRequest().settle(at: third.url).status == 201)
    }
}
