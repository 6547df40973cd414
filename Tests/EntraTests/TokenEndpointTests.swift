import HTTPTypes
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("TokenEndpoint", .timeLimit(.minutes(5)))
struct TokenEndpointTests {
    @Test("the request is the client credentials grant, bounded, and may be repeated")
    func request() async throws {
        let clock = ManualClock()
        let transport = ScriptedTransport { _, _ in .granted() }
        let credential = ClientSecretCredential(Secret("a+b/c=d&e~f"))
        let endpoint = TokenEndpoint(
            configuration: .example(credential: credential),
            transport: transport,
            clock: clock
        )
        _ = try await endpoint.requestGrant(claims: nil)
        _ = try await endpoint.requestGrant(claims: nil)
        let request = try #require(transport.requests.first)
        #expect(request.method == .post)
        #expect(
            request.url.description == "https://login.example/\(EntraConfiguration.exampleTenant)/oauth2/v2.0/token"
        )
        #expect(request.fields[.contentType] == "application/x-www-form-urlencoded")
        #expect(request.fields[.accept] == "application/json")
        #expect(request.repetition == .harmless)
        #expect(request.deadline == clock.now.advanced(by: .seconds(10)))
        #expect(request.maximumResponseBytes == 262_144)
        #expect(
            request.body.map { String(buffer: $0) }
                == "client_id=\(EntraConfiguration.exampleClient)&scope=https%3A%2F%2Fgraph.example%2F.default"
                + "&grant_type=client_credentials&client_secret=a%2Bb%2Fc%3Dd%26e%7Ef"
        )
        let ids = try transport.requests.map { try #require($0.fields[HTTPField.Name("client-request-id")!]) }
        #expect(ids.allSatisfy { GUID($0) != nil } && ids[0] != ids[1])
    }

    @Test(
        "lifetimes are read as numbers or numeric strings, with a short default and a ceiling of a day",
        arguments: [
            (#""expires_in":3599,"#, 3599), (#""expires_in":"3599","#, 3599), (#""expires_in":3599.9,"#, 3599),
            (#""expires_in":1,"#, 1),
            ("", 300), (#""expires_in":null,"#, 300), (#""expires_in":86401,"#, 86400),
            (#""expires_in":9223372036854775807,"#, 86400),
            (#""expires_in":99999999999999999999999,"#, 86400), (#""expires_in":"99999999999999999999999","#, 86400),
        ]
    )
    func lifetimes(member: String, seconds: Int) async throws {
        let grant = try await grant(of: .json(.ok, #"{\#(member)"token_type":"bEaReR","access_token":"a.b.c"}"#))
        #expect(grant.lifetime == .seconds(seconds))
        #expect(grant.value.reveal { $0 } == "a.b.c")
    }

    @Test(
        "a 200 that is no grant is a passing, malformed answer",
        arguments: [
            "", " ", "<html><body>Sign in to the proxy</body></html>", #"{"token_type":"Bearer","access_tok"#, "null",
            "[]", "{}", "\u{FEFF}" + good,
            #"{"token_type":"Bearer","expires_in":3600}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":""}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":7}"#,
            #"{"token_type":"mac","expires_in":3600,"access_token":"a"}"#,
            #"{"expires_in":3600,"access_token":"a"}"#, #"{"token_type":"Bearer","expires_in":0,"access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":0.5,"access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":-5,"access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":"-99999999999999999999","access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":"soon","access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":"","access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":true,"access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":[1],"access_token":"a"}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":"a b"}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":"a\r\nX-Evil: 1"}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":"ä"}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":"a\u0000"}"#,
            #"{"token_type":"Bearer","expires_in":3600,"access_token":""# + String(repeating: "a", count: 16_385)
                + #""}"#,
            String(repeating: "[", count: 10_000),
        ]
    )
    func oddGrants(body: String) async throws {
        let error = try await error(of: .text(.ok, body))
        #expect(error.kind == .unavailable)
        #expect(error.reason == .malformedAnswer)
        #expect(error.detail.utf8.count < 200)
    }

    @Test(
        "AADSTS codes give the reason, and the operator is named",
        arguments: [
            (401, "invalid_client", 7_000_215, EntraError.Reason.secretWrong),
            (401, "invalid_client", 50012, .secretWrong),
            (401, "invalid_client", 70002, .secretWrong), (401, "invalid_client", 7_000_222, .secretExpired),
            (401, "invalid_client", 7_000_218, .credentialInvalid),
            (400, "invalid_request", 900_144, .credentialInvalid),
            (401, "invalid_client", 700_025, .credentialInvalid), (401, "invalid_client", 700_027, .credentialInvalid),
            (401, "invalid_client", 700_024, .credentialInvalid),
            (401, "invalid_client", 1_000_502, .credentialInvalid),
            (401, "invalid_client", 700_213, .credentialInvalid),
            (400, "unauthorized_client", 700_016, .applicationUnknown),
            (401, "unauthorized_client", 7_000_112, .applicationUnknown),
            (400, "invalid_request", 90002, .tenantUnknown),
            (400, "invalid_request", 9_001_023, .tenantUnknown), (400, "invalid_request", 900_023, .tenantUnknown),
            (400, "invalid_scope", 70011, .scopeInvalid), (400, "invalid_scope", 1_002_012, .scopeInvalid),
            (400, "invalid_resource", 500_011, .scopeInvalid), (400, "invalid_grant", 65001, .consentMissing),
            (400, "invalid_grant", 53003, .conditionalAccess),
            (400, "interaction_required", 530_032, .conditionalAccess),
        ]
    )
    func refusals(status: Int, error: String, code: Int, reason: EntraError.Reason) async throws {
        let failure = try await self.error(of: .fault(.init(code: status), error, code: code))
        #expect(failure.kind == .refused)
        #expect(failure.reason == reason)
        #expect(failure.aadsts == code)
        #expect(failure.oauthError == error)
        #expect(failure.traceID == "0f0f0f0f-0000-4000-8000-000000000001")
        #expect(failure.correlationID == "0f0f0f0f-0000-4000-8000-000000000002")
        #expect(failure.retryAfter == nil)
    }

    @Test(
        "an unknown code leaves the reason to OAuth's error",
        arguments: [
            ("invalid_client", EntraError.Reason.credentialInvalid), ("unauthorized_client", .applicationUnknown),
            ("invalid_scope", .scopeInvalid), ("invalid_resource", .scopeInvalid),
            ("interaction_required", .conditionalAccess),
            ("consent_required", .consentMissing), ("invalid_request", .credentialInvalid),
            ("never_heard_of", .credentialInvalid),
        ]
    )
    func unknownCodes(error: String, reason: EntraError.Reason) async throws {
        let failure = try await self.error(of: .fault(.badRequest, error, code: 999_999))
        #expect(failure.kind == .refused)
        #expect(failure.reason == reason)
        #expect(failure.aadsts == 999_999)
    }

    @Test(
        "passing troubles are unavailable, whatever the body says",
        arguments: [
            (
                UpstreamResponse.fault(.init(code: 500), "invalid_client", code: 7_000_215),
                EntraError.Reason.serverError
            ),
            (.text(.init(code: 503), "<html>"), .serverError), (.text(.init(code: 504), ""), .serverError),
            (.fault(.badRequest, "temporarily_unavailable", code: 90033), .serverError),
            (.fault(.badRequest, "server_error", code: 90036), .serverError),
            (.fault(.badRequest, "temporarily_unavailable", code: 7_000_215), .serverError),
            (.fault(.badRequest, "invalid_request", code: 50000), .serverError),
            (.text(.tooManyRequests, "Too Many Requests"), .throttled),
            (.fault(.badRequest, "invalid_grant", code: 50196), .throttled),
            (.fault(.badRequest, "invalid_request", code: 90055), .throttled),
            (.text(.init(code: 408), ""), .timedOut),
            (.text(.init(code: 302), "", fields: [.location: "https://evil.example"]), .redirected),
            (.text(.init(code: 204), ""), .malformedAnswer), (.text(.badRequest, ""), .malformedAnswer),
            (.text(.unauthorized, "<html>proxy</html>"), .malformedAnswer),
            (.text(.init(code: 407), "proxy"), .malformedAnswer),
            (.text(.badRequest, #"{"error":{"code":"Graph's shape"}}"#), .malformedAnswer),
            (.text(.badRequest, #"{"error":"has spaces and <tags>"}"#), .malformedAnswer),
        ]
    )
    func passing(response: UpstreamResponse, reason: EntraError.Reason) async throws {
        let error = try await error(of: response)
        #expect(error.kind == .unavailable)
        #expect(error.reason == reason)
    }

    @Test("throttling obeys Retry-After in either form, and is a minute without it")
    func throttled() async throws {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT"
        let later = "Sun, 06 Nov 1994 08:50:07 GMT"
        let plain = UpstreamResponse.text(.tooManyRequests, "Too Many Requests")
        var seconds = plain
        seconds.fields[.retryAfter] = "17"
        var dated = plain
        dated.fields = [.retryAfter: later, .date: date]
        #expect(try await error(of: plain).retryAfter == .seconds(60))
        #expect(try await error(of: seconds).retryAfter == .seconds(17))
        #expect(try await error(of: dated).retryAfter == .seconds(30))
    }

    @Test(
        "no answer is unavailable, with the reason of the transport",
        arguments: [
            (TransportError.Kind.nameNotResolved, EntraError.Reason.unreachable), (.connectFailed, .unreachable),
            (.tlsFailed, .unreachable),
            (.refused, .unreachable), (.connectionLost, .unreachable), (.unavailable, .unreachable),
            (.overloaded, .overloaded), (.internal, .unreachable), (.timedOut, .timedOut),
            (.responseTooLarge, .answerTooLarge), (.malformedResponse, .malformedAnswer), (.cancelled, .cancelled),
        ]
    )
    func transportErrors(kind: TransportError.Kind, reason: EntraError.Reason) async throws {
        let transport = ScriptedTransport { (_, _) async throws(TransportError) -> UpstreamResponse in
            throw TransportError(kind, delivery: .unknown, detail: "words")
        }
        let endpoint = TokenEndpoint(configuration: .example(), transport: transport, clock: ManualClock())
        let error = try await #require(throws: EntraError.self) { try await endpoint.requestGrant(claims: nil) }
        #expect(error.kind == .unavailable)
        #expect(error.reason == reason)
    }

    @Test("codes that come as no list of numbers are found in the description; ids that are no GUIDs are left out")
    func sloppyDocument() async throws {
        let body =
            #"{"error":"invalid_client","error_description":"AADSTS7000222: x","error_codes":"?","trace_id":"<x>","correlation_id":7}"#
        let error = try await error(of: .text(.unauthorized, body))
        #expect(error.reason == .secretExpired)
        #expect(error.aadsts == 7_000_222)
        #expect(error.traceID == nil && error.correlationID == nil)
    }

    @Test("of several codes the known one counts")
    func severalCodes() async throws {
        let error = try await error(of: .text(.unauthorized, #"{"error":"invalid_client","error_codes":[1,7000222]}"#))
        #expect(error.reason == .secretExpired && error.aadsts == 7_000_222)
    }

    @Test(
        "a secret that is empty is the operator's to mend, and a file that cannot be read may heal; both send nothing"
    )
    func unreadableSecret() async throws {
        let credentials: [(any Credential, EntraError.Kind, EntraError.Reason)] = [
            (ClientSecretCredential(Secret("")), .refused, .credentialInvalid),
            (
                WorkloadIdentityCredential(file: FederatedTokenFile(path: "/nowhere/token")), .unavailable,
                .credentialUnreadable
            ),
        ]
        for (credential, kind, reason) in credentials {
            let transport = ScriptedTransport { _, _ in .granted() }
            let endpoint = TokenEndpoint(
                configuration: .example(credential: credential),
                transport: transport,
                clock: ManualClock()
            )
            let error = try await #require(throws: EntraError.self) { try await endpoint.requestGrant(claims: nil) }
            #expect(error.kind == kind && error.reason == reason)
            #expect(transport.requests.isEmpty)
        }
    }

    private func grant(of response: UpstreamResponse) async throws -> TokenGrant {
        let transport = ScriptedTransport { _, _ in response }
        return try await TokenEndpoint(configuration: .example(), transport: transport, clock: ManualClock())
            .requestGrant(claims: nil)
    }

    private func error(of response: UpstreamResponse) async throws -> EntraError {
        try await #require(throws: EntraError.self) { try await grant(of: response) }
    }
}

private let good = #"{"token_type":"Bearer","expires_in":3600,"access_token":"a"}"#
