import CurlTransport
import Graph
import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Doctor

@Suite("The doctor", .timeLimit(.minutes(5)))
struct DoctorTests {
    private let entra = DoctorSubject.Issuer.entra(
        authority: try! UpstreamURL("https://login.test"),
        tenant: "11111111-1111-4111-8111-111111111111",
        client: "22222222-2222-4222-8222-222222222222"
    )

    /// Everything is reachable, and Graph has one profile.
    private func diagnosis(
        issuer: DoctorSubject.Issuer,
        token: String = "opaque",
        date: String? = Timestamp.now.httpDate,
        probe: ScriptedProbe = ScriptedProbe(),
        credentialEndsAt: Timestamp? = nil
    ) async throws -> (diagnosis: Diagnosis, requests: [UpstreamRequest]) {
        let transport = ScriptedTransport { request, _ throws(TransportError) in
            var answer = UpstreamResponse.json(.ok, #"{"value":[{"id":"x","displayName":"y"}]}"#)
            answer.fields[.date] = date
            return answer
        }
        let subject = DoctorSubject(
            issuer: issuer,
            credential: "certificate",
            credentialEndsAt: credentialEndsAt,
            graph: GraphConfiguration(baseURL: try UpstreamURL("https://graph.test/beta")),
            kind: .androidForWork
        )
        let tools = DoctorTools(transport: transport, probe: probe, grants: ScriptedGrants(token: token))
        let diagnosis = await Doctor(subject, tools: tools).examine(after: Finding(.configuration, .passed, "complete"))
        return (diagnosis, transport.requests)
    }

    @Test("a step needs only steps before it")
    func order() {
        let diagnosis = Diagnosis()
        for (index, step) in StepID.allCases.enumerated() {
            let before = StepID.allCases.prefix(index)
            #expect(diagnosis.needs(of: step).allSatisfy(before.contains))
        }
    }

    @Test("a token that cannot be read is a note and stops nothing")
    func opaqueToken() async throws {
        let diagnosis = try await diagnosis(issuer: entra).diagnosis
        #expect(diagnosis.isHealthy)
        let results = Dictionary(uniqueKeysWithValues: diagnosis.findings.map { ($0.step, $0.result) })
        #expect(results[.audience] == .notNeeded && results[.permission] == .notNeeded)
        #expect(results[.profiles] == .passed)
    }

    @Test(
        "a token for another audience, tenant or app is a failure that names the setting",
        arguments: [
            (#"{"aud":"https://graph.microsoft.us"}"#, "GRAPH_BASE_URL"),
            (#"{"aud":"https://graph.test","tid":"33333333-1111-4111-8111-111111111111"}"#, "AZURE_TENANT_ID"),
            (#"{"aud":"https://graph.test/","appid":"33333333-1111-4111-8111-111111111111"}"#, "AZURE_CLIENT_ID"),
        ]
    )
    func wrongToken(claims: String, setting: String) async throws {
        let diagnosis = try await diagnosis(issuer: entra, token: .token(claims)).diagnosis
        let finding = try #require(diagnosis.findings.first { $0.step == .audience })
        #expect(finding.result == .failed)
        #expect(finding.advice.count == 1)
        #expect(finding.advice.first?.step.contains(setting) == true)
        #expect(diagnosis.findings.first { $0.step == .profiles }?.result == .notTried)
    }

    @Test("Graph's id stands for its address, and case does not matter")
    func graphID() async throws {
        let claims =
            #"{"aud":"00000003-0000-0000-C000-000000000000","tid":"11111111-1111-4111-8111-111111111111","roles":["DeviceManagementConfiguration.ReadWrite.All"]}"#
        #expect(try await diagnosis(issuer: entra, token: .token(claims)).diagnosis.isHealthy)
    }

    @Test("a managed identity has its endpoint examined in the place of Entra, and the clock by Graph's")
    func managedIdentity() async throws {
        let endpoint = try UpstreamURL("http://127.0.0.1:4141/token")
        let found = try await diagnosis(issuer: .managedIdentity(endpoint: endpoint, client: nil))
        #expect(found.diagnosis.isHealthy)
        #expect(found.diagnosis.title(of: .issuerName) == "Name of identity")
        #expect(found.diagnosis.findings.first { $0.step == .issuerTrust }?.result == .notNeeded)
        #expect(found.diagnosis.needs(of: .clock) == [.graphTrust])
        let clock = try #require(found.requests.first)
        #expect(clock.url.host == "graph.test")
        #expect(clock.fields[.authorization] == nil)
    }

    @Test("an answer without a Date is a warning")
    func noDate() async throws {
        let diagnosis = try await diagnosis(issuer: entra, date: nil).diagnosis
        #expect(diagnosis.findings.first { $0.step == .clock }?.result == .warned)
        #expect(diagnosis.isHealthy)
    }

    @Test(
        "each way to fail has its own words and advice",
        arguments: [
            (ConnectionFindings.Stage.trust(.unknownAuthority), "UPSTREAM_CA_PATH"), (.trust(.expired), "timedatectl"),
            (.trust(.notYetValid), "timedatectl"), (.trust(.wrongName), "AZURE_AUTHORITY_HOST"),
            (.trust(.handshake), "AZURE_AUTHORITY_HOST"), (.proxy(status: 407), "Let this machine through"),
            (.proxy(status: 403), "CONNECT"), (.silentProxy, "CONNECT"), (.trust(.silent), "let through"),
            (.trust(.rejected), "renew"), (.proxy(status: nil), "UPSTREAM_PROXY"), (.connecting, "firewall"),
        ]
    )
    func failures(stage: ConnectionFindings.Stage, words: String) async throws {
        let probe = ScriptedProbe(failure: .init(stage, "libcurl's words"))
        let diagnosis = try await diagnosis(issuer: entra, probe: probe).diagnosis
        let finding = try #require(diagnosis.findings.first { $0.result == .failed })
        #expect(finding.advice.first?.step.contains(words) == true, "\(finding)")
        #expect(finding.facts.contains { $0.name == "libcurl" && $0.value == "libcurl's words" })
        #expect(diagnosis.findings.first { $0.step == .accessToken }?.result == .notTried)
    }

    @Test("a certificate that ends within days is a warning")
    func nearEnd() async throws {
        let probe = ScriptedProbe(notAfter: .now + .seconds(3 * 86400 + 3600))
        let diagnosis = try await diagnosis(issuer: entra, probe: probe).diagnosis
        let finding = try #require(diagnosis.findings.first { $0.step == .graphTrust })
        #expect(finding.result == .warned)
        #expect(finding.summary.hasSuffix("3 days left"))
    }

    @Test(
        "a credential that ends within a month is a warning",
        arguments: [(400, Finding.Result.passed), (20, .warned), (-1, .warned)]
    )
    func credentialEnds(days: Int, expected: Finding.Result) async throws {
        let end = Timestamp.now + .seconds(days * 86400 + 3600)
        let diagnosis = try await diagnosis(issuer: entra, credentialEndsAt: end).diagnosis
        let finding = try #require(diagnosis.findings.first { $0.step == .accessToken })
        #expect(finding.result == expected)
        let words = days < 0 ? "the certificate was to end on \(end.rfc3339)" : "the certificate ends in \(days) days"
        #expect(finding.summary.contains(words))
    }

    @Test("a wrong configuration leaves everything else untried")
    func wrongConfiguration() {
        let diagnosis = Doctor.diagnosis(failing: Finding(.configuration, .failed, "two problems"))
        #expect(diagnosis.findings.map(\.step) == StepID.allCases)
        #expect(diagnosis.findings.dropFirst().allSatisfy { $0.summary == "not tried: needs \"Configuration\"" })
    }
}
