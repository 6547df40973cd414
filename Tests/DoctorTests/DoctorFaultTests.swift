import CurlTransport
import Explanations
import Graph
import HTTPTypes
import NIOCore
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import Doctor
@testable import Sandbox

/// Each fault of a sandbox, and what the doctor makes of it.
@Suite("The doctor against a sandbox", .timeLimit(.minutes(5)))
struct DoctorFaultTests {
    @Test("all holds, TLS included, and one enrollment token is made after it was announced")
    func allHolds() async throws {
        var examination = Examination()
        examination.isSecure = true
        examination.creates = true
        let outcome = try await examination.run()
        #expect(outcome.diagnosis.isHealthy)
        #expect(outcome.diagnosis.findings.map(\.step) == StepID.allCases)
        #expect(outcome.diagnosis.findings.allSatisfy { $0.result == .passed })
        #expect(outcome[.issuerTrust].summary.contains("Sandbox authority"))
        #expect(outcome.announcements.count == 1)
        #expect(outcome.announcements.first?.contains("\(Examination.profile)") == true)
        #expect(outcome.counters[.createToken].effective == 1)
    }

    @Test("without --create nothing is written")
    func readOnly() async throws {
        let outcome = try await Examination().run()
        #expect(outcome.diagnosis.isHealthy)
        #expect(outcome[.creation].result == .notNeeded)
        #expect(outcome.counters[.createToken].arrived == 0)
        #expect(outcome.announcements.isEmpty)
    }

    @Test("without a profile none is read, which is no failure")
    func noProfile() async throws {
        var examination = Examination()
        examination.profile = nil
        let outcome = try await examination.run()
        #expect(outcome.diagnosis.isHealthy)
        #expect(outcome[.profile].result == .notNeeded)
        #expect(outcome.counters[.get].arrived == 0)
    }

    // MARK: The credential

    @Test("a wrong secret is named by Entra's code, with its ids, and stops what needs a token")
    func wrongSecret() async throws {
        var examination = Examination()
        examination.shownSecret = "another-secret-9876543210"
        let outcome = try await examination.run()
        #expect(!outcome.diagnosis.isHealthy)
        #expect(outcome[.accessToken].result == .failed)
        #expect(outcome.codes(.accessToken) == ["AADSTS7000215"])
        #expect(outcome[.accessToken].summary.contains("AADSTS7000215"))
        #expect(Set(outcome[.accessToken].facts.map(\.name)).isSuperset(of: ["trace id", "correlation id"]))
        for step in [StepID.audience, .permission, .profiles, .profile, .creation] {
            #expect(outcome[step].result == .notTried)
            #expect(outcome[step].summary == "not tried: needs \"Access token\"")
        }
        #expect(outcome[.graphConnection].result == .passed)
        #expect(outcome.counters[.list].arrived == 0)
    }

    @Test("an expired secret is told from a wrong one")
    func expiredSecret() async throws {
        var examination = Examination()
        examination.prepare = { store in
            let end = store.now
            store.updateTenant { $0.clientSecrets[0].expiresAt = end }
        }
        let outcome = try await examination.run()
        #expect(outcome.codes(.accessToken) == ["AADSTS7000222"])
        #expect(outcome[.accessToken].advice.first?.actor == .entraAdministrator)
    }

    @Test("an unknown app and an unknown tenant are told apart")
    func unknownNames() async throws {
        var examination = Examination()
        examination.client = "33333333-2222-4222-8222-222222222222"
        #expect(try await examination.run().codes(.accessToken) == ["AADSTS700016"])
        examination = Examination()
        examination.tenant = "33333333-1111-4111-8111-111111111111"
        #expect(try await examination.run().codes(.accessToken) == ["AADSTS90002"])
    }

    @Test(
        "what Entra's own troubles come to",
        arguments: [(503, "server-error"), (429, "throttled"), (302, "redirected"), (200, "malformed-answer")]
    )
    func tokenEndpoint(status: Int, code: String) async throws {
        var examination = Examination()
        examination.prepare = { store in
            let answer = SandboxAnswer(status: .init(code: status), body: ByteBuffer(string: "<html></html>"))
            store.inject(SandboxFault(.token, .answer(answer)))
        }
        let outcome = try await examination.run()
        #expect(outcome[.accessToken].result == .failed)
        #expect(outcome.codes(.accessToken) == [code])
    }

    // MARK: The way

    @Test("an authority where nobody listens is a failed connection, not a failed credential")
    func down() async throws {
        let nobody = try SilentPort(.refuses)
        var examination = Examination()
        examination.authority = "http://127.0.0.1:\(nobody.port)"
        let outcome = try await examination.run()
        #expect(outcome[.issuerName].result == .passed)
        #expect(outcome[.issuerConnection].result == .failed)
        #expect(outcome[.issuerConnection].advice.first?.actor == .network)
        for step in [StepID.issuerTrust, .clock, .accessToken, .creation] {
            #expect(outcome[step].summary == "not tried: needs \"Connection to Entra\"")
        }
        #expect(outcome[.graphConnection].result == .passed)
        withExtendedLifetime(nobody) {}
    }

    @Test("a name without an address is a failed lookup")
    func unknownName() async throws {
        var examination = Examination()
        examination.authority = "https://login.test"
        examination.lookup = { host in
            guard host == "login.test" else { return HostAddress.lookup(host) }
            return .failure(HostLookupError(detail: "Name or service not known"))
        }
        let outcome = try await examination.run()
        #expect(outcome[.issuerName].result == .failed)
        #expect(outcome[.issuerName].summary.contains("login.test"))
        #expect(outcome[.issuerName].advice.first?.step.contains("AZURE_AUTHORITY_HOST") == true)
        #expect(outcome[.issuerConnection].result == .notTried)
    }

    @Test("an authority that is not trusted is named, and UPSTREAM_CA_PATH with it")
    func untrusted() async throws {
        var examination = Examination()
        examination.isSecure = true
        examination.trustsSandbox = false
        let outcome = try await examination.run()
        #expect(outcome[.issuerConnection].result == .passed)
        #expect(outcome[.issuerTrust].result == .failed)
        #expect(outcome[.issuerTrust].summary.contains("Sandbox authority"))
        #expect(outcome[.issuerTrust].advice.first?.step.contains("UPSTREAM_CA_PATH") == true)
        #expect(outcome[.accessToken].summary == "not tried: needs \"Trust in Entra\"")
        #expect(outcome.counters[.token].arrived == 0)
    }

    @Test(
        "the clock is compared with Entra's",
        arguments: [
            (0, Finding.Result.passed), (120, .warned), (-120, .warned), (3600, .failed), (-3600, .failed),
        ]
    )
    func clock(ahead: Int, expected: Finding.Result) async throws {
        var examination = Examination()
        examination.ahead = .seconds(ahead)
        let outcome = try await examination.run()
        #expect(outcome[.clock].result == expected)
        #expect(outcome.diagnosis.isHealthy == (expected != .failed))
        if ahead != 0 { #expect(outcome[.clock].summary.contains(ahead > 0 ? "ahead" : "behind")) }
        // It is the clock that is wrong, and nothing else.
        #expect(outcome[.profiles].result == .passed)
    }

    // MARK: The permission

    @Test("a withheld role names the consent that is missing; too many are a warning")
    func roles() async throws {
        var examination = Examination()
        examination.prepare = { $0.updateTenant { $0.roles = ["User.Read.All"] } }
        var outcome = try await examination.run()
        #expect(outcome[.permission].result == .failed)
        #expect(outcome.codes(.permission) == ["permission-missing"])
        #expect(outcome[.permission].facts.map(\.value) == ["User.Read.All"])
        #expect(outcome[.profiles].summary == "not tried: needs \"Permission\"")
        examination.prepare = { $0.updateTenant { $0.roles = [SandboxConfiguration.writeRole, "User.Read.All"] } }
        outcome = try await examination.run()
        #expect(outcome[.permission].result == .warned)
        #expect(outcome[.permission].facts.map(\.value) == ["User.Read.All"])
        #expect(outcome.diagnosis.isHealthy)
    }

    // MARK: Graph

    @Test(
        "what Graph's refusals of the list come to",
        arguments: [
            (401, "InvalidAuthenticationToken", nil), (403, "Forbidden", nil), (404, "ResourceNotFound", nil),
            (429, "TooManyRequests", "TooManyRequests"), (500, "InternalServerError", "InternalServerError"),
            (503, "ServiceUnavailable", "serviceNotAvailable"), (418, "Teapot", "graph-failed"),
        ] as [(Int, String, String?)]
    )
    func list(status: Int, code: String, explanation: String?) async throws {
        var examination = Examination()
        examination.prepare = { store in
            let refusal = GraphRefusal(status: .init(code: status), code: code, message: "no")
            store.inject(SandboxFault(.list, .answer(refusal.document)))
        }
        let outcome = try await examination.run()
        #expect(outcome[.profiles].result == .failed)
        #expect(outcome[.profiles].summary == "Graph answered \(status) \(code)")
        #expect(outcome[.profiles].advice.count == 1)
        #expect(outcome.codes(.profiles) == [explanation].compactMap { $0 })
        #expect(outcome[.profile].summary == "not tried: needs \"List of profiles\"")
    }

    @Test("a tenant without Intune is known by Intune's words")
    func noIntune() async throws {
        var examination = Examination()
        examination.prepare = { store in
            let refusal = GraphRefusal.badRequest("Request not applicable to target tenant.")
            store.inject(SandboxFault(.list, .answer(refusal.document)))
        }
        #expect(try await examination.run().codes(.profiles) == ["Request not applicable to target tenant"])
    }

    @Test("a page in the place of Graph's JSON, and silence, are failures")
    func notGraph() async throws {
        var examination = Examination()
        examination.prepare = { store in
            store.inject(SandboxFault(.list, .answer(SandboxAnswer(status: .ok, body: ByteBuffer(string: "<html>")))))
        }
        #expect(try await examination.run()[.profiles].summary == "what answered 200 is not Graph's JSON")
        examination.prepare = { $0.inject(SandboxFault(.list, calls: .untilReset, .end(.reset))) }
        #expect(try await examination.run().codes(.profiles) == ["connection-lost"])
    }

    @Test("an unknown profile is told, and one of the other kind known as such")
    func unknownProfile() async throws {
        var examination = Examination()
        examination.profile = ProfileID("aaaaaaaa-0000-4000-8000-00000000ffff")
        var outcome = try await examination.run()
        #expect(outcome[.profile].result == .failed)
        #expect(outcome.codes(.profile) == ["ResourceNotFound"])
        examination.profile = Examination.deviceOwnerProfile
        outcome = try await examination.run()
        #expect(outcome[.profile].advice.first?.step.contains("GRAPH_PROFILE_KIND=device-owner") == true)
        examination.kind = .deviceOwner
        #expect(try await examination.run().diagnosis.isHealthy)
    }

    @Test("createToken that is denied although the role is there is Intune's own doing, and made nothing")
    func deniedCreation() async throws {
        var examination = Examination()
        examination.creates = true
        examination.prepare = { store in
            store.inject(SandboxFault(.createToken, .answer(GraphRefusal.forbidden(["x"]).document)))
        }
        let outcome = try await examination.run()
        #expect(outcome[.permission].result == .passed)
        #expect(outcome[.creation].result == .failed)
        #expect(outcome[.creation].summary.hasPrefix("Graph answered 403"))
        #expect(outcome[.creation].advice.first?.actor == .microsoft)
        #expect(outcome.counters[.createToken].effective == 0)
    }

    @Test("createToken whose answer is lost is read back, not sent again")
    func lostAnswer() async throws {
        var examination = Examination()
        examination.creates = true
        examination.prepare = { $0.inject(SandboxFault(.createToken, at: .afterActing, .end(.reset))) }
        let outcome = try await examination.run()
        #expect(outcome[.creation].result == .passed)
        #expect(outcome.counters[.createToken].arrived == 1)
    }
}

extension GraphRefusal {
    /// As the body of a fault, without the ids of a request.
    fileprivate var document: SandboxAnswer {
        .json(status, ["error": ["code": .string(code), "message": .string(message)]])
    }
}
