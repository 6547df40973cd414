import Foundation
import Glibc
import TestSupport
import Testing

@Suite("audit beside a gateway that serves, end to end", .timeLimit(.minutes(5)))
struct LedgerAuditTests {
    private static let other = "aaaaaaaa-0000-4000-8000-000000000002"

    /// A ledger of each kind. A server ends with its last user.
    private func sites() async throws -> [(site: LedgerSite, server: PostgreSQLServer?)] {
        let server = try await PostgreSQLServer.shared()
        let url = server.url(try await server.database())
        return [(try await LedgerSite(), nil), (try await LedgerSite(settings: ["LEDGER_URL": url]), server)]
    }

    @Test("it shows who asked for what and what came of it, as a table and as JSON, and finds what is asked for")
    func listed() async throws {
        for (site, server) in try await sites() {
            let gateway = try await site.gateway()
            let created = KeyedRequest()
            let answer = try #require(await created.send(to: gateway.url))
            #expect(answer.status == 201)
            #expect(await KeyedRequest.revocation(Self.other).send(to: gateway.url)?.status == 204)
            #expect(
                await KeyedRequest(profile: "eeeeeeee-0000-4000-8000-000000000001").send(to: gateway.url)?.status == 404
            )
            let records = try await site.records()
            #expect(records.map { $0["outcome"] } == ["created", "revoked", "not-created"])
            #expect(records.map { $0["id"] ?? "" } == records.map { $0["id"] ?? "" }.sorted())
            let first = try #require(records.first)
            #expect(first["profileId"] == Deployment.profile && first["kind"] == "android-for-work")
            #expect(first["requestId"] == answer.fields["x-request-id"])
            #expect(first["graphRequestId"] == answer["graphRequestId"] && first["graphRequestId"] != nil)
            #expect(first["idempotencyKeyDigest"] == created.digest)
            #expect(first["acceptedAt"] != nil && first["sentAt"] != nil && first["decidedAt"] != nil)

            #expect(try await site.records(["--outcome", "revoked"]).map { $0["profileId"] } == [Self.other])
            #expect(try await site.records(["--profile", Deployment.profile]).count == 1)
            #expect(try await site.records(["--since", "1h"]).count == 3)
            #expect(try await site.records(["--since", "2020-01-01", "--outcome", "unknown"]).isEmpty)
            #expect(try await site.records(["--caller", "nobody"]).isEmpty)
            let caller = try #require(first["caller"])
            #expect(
                try await site.records(["--caller", caller, "--limit", "2"]).map { $0["outcome"] } == [
                    "revoked", "not-created",
                ]
            )

            let table = try await site.audit()
            #expect(table.code == 0 && table.output.split(separator: "\n").count == 4)
            #expect(table.output.contains(Deployment.profile) && table.output.contains("revoked"))
            try await gateway.stop()
            withExtendedLifetime(server) {}
        }
    }

    @Test("following it shows each request once it is decided, and Control-C ends it in order")
    func followed() async throws {
        for (site, server) in try await sites() {
            let gateway = try await site.gateway()
            let before = KeyedRequest()
            #expect(await before.send(to: gateway.url)?.status == 201)
            let follower = try Program(
                "enrollment-gateway",
                ["audit", "--json", "--follow"],
                environment: ["LEDGER_URL": site.ledgerURL]
            )
            _ = try await follower.waitFor("the first record") {
                $0.standardOutput.contains(before.digest) ? true : nil
            }
            let requests = [KeyedRequest(), KeyedRequest(profile: Self.other), .revocation()]
            for request in requests { _ = try await request.settle(at: gateway.url) }
            _ = try await follower.waitFor("the others") { follower in
                requests.allSatisfy { follower.standardOutput.contains($0.digest) } ? true : nil
            }
            kill(follower.processID, SIGINT)
            #expect(try await follower.exitCode() == 0, "\(follower.standardError)")
            let lines = try follower.standardOutput.split(separator: "\n").map { try LedgerLine(String($0)) }
            #expect(lines.map { $0["idempotencyKeyDigest"] } == ([before] + requests).map(\.digest))
            #expect(lines.map { $0["outcome"] } == ["created", "created", "created", "revoked"])
            withExtendedLifetime(server) {}
        }
    }
}
