import Foundation
import TestSupport
import Testing

@Suite("Idempotency keys, end to end", .timeLimit(.minutes(5)))
struct IdempotencyKeyTests {
    /// A ring with a key for each caller.
    private static func keys(for callers: [String], in folder: Folder) async throws -> [String] {
        var keys: [String] = []
        for caller in callers {
            let program = try Program(
                "enrollment-gateway",
                ["keys", "new", "--caller", caller, "--right", "token:create", "--profile", "*"],
                environment: ["API_KEYS_PATH": folder.path("keys.json")]
            )
            #expect(try await program.exitCode() == 0, "\(program.standardError)")
            keys.append(program.standardOutput.trimmingCharacters(in: .newlines))
        }
        return keys
    }

    @Test("the same key from several callers is a creation for each; from two keys of one caller it is one")
    func callers() async throws {
        let folder = try Folder()
        let keys = try await Self.keys(for: ["portal-a", "portal-b", "portal-b"], in: folder)
        let site = try await LedgerSite(settings: ["API_KEYS_PATH": folder.path("keys.json")])
        let gateway = try await site.gateway()
        var answers: [CurlAnswer] = []
        for caller in keys + [Deployment.key] {
            let request = KeyedRequest(key: "order-4711", caller: caller)
            answers.append(try #require(await request.send(to: gateway.url)))
        }
        #expect(answers.map(\.status) == [201, 201, 201, 201], "\(answers.map(\.body))")
        #expect(answers.map(\.isReplay) == [false, false, true, false])
        #expect(try await site.arrived("createToken") == 3)
        #expect(Set(try await site.records().compactMap { $0["caller"] }).count == 3)
    }

    @Test("the key of another request is refused, and nothing reaches Graph")
    func reused() async throws {
        let site = try await LedgerSite()
        let gateway = try await site.gateway()
        let first = KeyedRequest()
        #expect(await first.send(to: gateway.url)?.status == 201)
        var others = [first, first, first]
        others[0].validity = 7200
        others[1].profile = "aaaaaaaa-0000-4000-8000-000000000002"
        others[2].validity = nil
        for other in others {
            let answer = try #require(await other.send(to: gateway.url))
            #expect(answer.status == 422 && answer["code"] == "idempotency-key-reused")
            #expect(answer["outcome"] == (other.validity == nil ? "not-revoked" : "not-created"))
        }
        // How it is to be answered is no part of the request.
        var shown = first
        shown.wantsRepresentation = true
        let answer = try #require(await shown.send(to: gateway.url))
        #expect(answer.status == 201 && answer.isReplay)
        #expect(answer["value"] == (try await site.profile().tokenValue))
        #expect(try await site.arrived("createToken") == 1)
        #expect(try await site.arrived("revokeToken") == 0)
    }

    @Test("a repeated creation whose token was replaced since says so, and shows none")
    func replaced() async throws {
        let site = try await LedgerSite()
        let gateway = try await site.gateway()
        var first = KeyedRequest()
        first.wantsRepresentation = true
        let created = try #require(await first.send(to: gateway.url))
        #expect(created.status == 201 && created["representation"] == "complete")
        #expect(await KeyedRequest().send(to: gateway.url)?.status == 201)
        let again = try #require(await first.send(to: gateway.url))
        #expect(again.status == 201 && again.isReplay && again["representation"] == "replaced")
        #expect(again["value"] == nil && again["expiresAt"] == created["expiresAt"])
        #expect(await KeyedRequest.revocation().send(to: gateway.url)?.status == 204)
        #expect(await first.send(to: gateway.url)?["representation"] == "replaced")
        #expect(try await site.arrived("createToken") == 2)
    }

    @Test("a revocation that is repeated does not end a token of after it")
    func revocation() async throws {
        let site = try await LedgerSite()
        let gateway = try await site.gateway()
        #expect(await KeyedRequest().send(to: gateway.url)?.status == 201)
        let revocation = KeyedRequest.revocation()
        let first = try #require(await revocation.send(to: gateway.url))
        #expect(first.status == 204 && !first.isReplay)
        #expect(await KeyedRequest().send(to: gateway.url)?.status == 201)
        let again = try #require(await revocation.send(to: gateway.url))
        #expect(again.status == 204 && again.isReplay)
        #expect(try await site.profile().tokenValue != nil)
        #expect(try await site.arrived("revokeToken") == 1)
    }

    @Test("what Graph refused for good is answered again; what may pass is run anew")
    func refusals() async throws {
        let site = try await LedgerSite()
        let gateway = try await site.gateway()
        let nowhere = KeyedRequest(profile: "eeeeeeee-0000-4000-8000-000000000001")
        let first = try #require(await nowhere.send(to: gateway.url))
        #expect(first.status == 404 && !first.isReplay)
        let arrived = try await site.arrived("createToken")
        let again = try #require(await nowhere.send(to: gateway.url))
        #expect(again.status == 404 && again.isReplay && again["code"] == first["code"])
        #expect(try await site.arrived("createToken") == arrived)

        try await site.inject(#"{"operation": "createToken", "effect": "answer", "status": 403}"#)
        let request = KeyedRequest()
        #expect(await request.send(to: gateway.url)?["code"] == "graph-forbidden")
        let anew = try #require(await request.send(to: gateway.url))
        #expect(anew.status == 201 && !anew.isReplay)
        #expect(try await site.profile().tokensCreated == 1)
    }

    @Test("without a ledger a key is refused and never ignored, and a line says at start what is lost")
    func none() async throws {
        let site = try await LedgerSite(settings: ["LEDGER_URL": "none"])
        let gateway = try await site.gateway()
        let refused = try #require(await KeyedRequest().send(to: gateway.url))
        #expect(refused.status == 400 && refused["code"] == "idempotency-unavailable")
        #expect(refused["outcome"] == "not-created")
        #expect(try await site.arrived("createToken") == 0)
        let warning = gateway.program.log.first { $0["setting"] == "LEDGER_URL=none" }
        #expect(warning?["level"] == "warning")
        #expect(warning?["message"]?.contains("Idempotency-Key") == true)
        #expect(try await gateway.readiness().ledger == "ready")
    }
}
