import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("POST /profiles/{profileId}/token", .timeLimit(.minutes(1)))
struct TokenRequestTests {
    @Test("a token is 201 with its location, its times and Graph's id")
    func created() async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(fields: jsonFields, body: #"{"tokenValidityInSeconds": 3600}"#)
        #expect(answer.status == 201)
        #expect(answer["Location"] == Gateway.path)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(
            answer.body
                == #"{"profileId":"\#(Gateway.profile)","tokenValidityInSeconds":3600,"createdAt":"2026-03-02T08:15:30Z","expiresAt":"2026-03-02T09:15:30Z","graphRequestId":"\#(CreatedToken.graphRequestID)"}"#
        )
        let reference = try ProfileReference(kind: .androidForWork, id: #require(ProfileID(Gateway.profile)))
        #expect(gateway.tokens.calls == [.init(profile: reference, validity: 3600)])
    }

    @Test("the id may be in capitals, and the kind that is not the default stands in the location")
    func location() async throws {
        let gateway = Gateway()
        let path = "/profiles/\(Gateway.profile.uppercased())/token?kind="
        #expect(try await gateway.send(.post, path + "device-owner")["Location"] == Gateway.path + "?kind=device-owner")
        #expect(try await gateway.send(.post, path + "android-for-work")["Location"] == Gateway.path)
        #expect(gateway.tokens.calls.map(\.profile.kind) == [.deviceOwner, .androidForWork])
    }

    @Test(
        "a profile id that is no GUID is 400",
        arguments: [
            "x", "%2e%2e", "%00", "{7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6}", "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6;x", "7b1d2c3e4f504a619b728c93a0b4d5e6",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5eg", "%D9%A3b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6",
            "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6%2Frevoke", "7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6%20",
        ]
    )
    func identifier(id: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(.post, "/profiles/\(id)/token")
        try expect(answer, is: ExpectedProblem(.profileIDInvalid, member: "profileId"))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "a query is taken strictly",
        arguments: [
            ("kind=", "kind"), ("kind", "kind"), ("kind=DEVICE-OWNER", "kind"), ("kind=x", "kind"),
            ("kind=device-owner&kind=device-owner", "kind"), ("Kind=device-owner", "Kind"), ("other=1", "other"),
            ("%3Cb%3E=1", "?b?"), ("kind=%zz", nil), ("kind=%ff", nil),
        ] as [(String, String?)]
    )
    func query(query: String, member: String?) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(.post, Gateway.path + "?" + query)
        try expect(answer, is: ExpectedProblem(.requestInvalid, member: member))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "an Accept that rules JSON out is 406",
        arguments: [
            "text/html", "application/xml, text/*", "application/json;q=0", "*/*, application/json;q=0", "*/*;q=0",
            "application/*;q=0.0, */*",
        ]
    )
    func notAcceptable(accept: String) async throws {
        let answer = try await Gateway().send(fields: [("Accept", accept)])
        try expect(answer, is: ExpectedProblem(.notAcceptable, member: "Accept"))
    }

    @Test(
        "an Accept that lets JSON in is served",
        arguments: [
            "*/*", "application/json", "APPLICATION/JSON", "application/*", "text/html, */*;q=0.1", "", "nonsense",
            "application/json;q=0.5, */*;q=0", "application/json; charset=utf-8",
        ]
    )
    func acceptable(accept: String) async throws {
        #expect(try await Gateway().send(fields: [("Accept", accept)]).status == 201)
    }

    @Test(
        "a body that is not said to be plain JSON in UTF-8 is 415",
        arguments: [
            [], [("Content-Type", "text/plain")], [("Content-Type", "application/json; charset=utf-16")],
            [("Content-Type", "application/x-www-form-urlencoded")],
            [("Content-Type", "application/json"), ("Content-Type", "application/json")],
        ]
    )
    func mediaType(fields: [(String, String)]) async throws {
        let answer = try await Gateway().send(fields: fields, body: "{}")
        try expect(answer, is: ExpectedProblem(.mediaTypeUnsupported, member: "Content-Type"))
        let coded = try await Gateway().send(fields: jsonFields + [("Content-Encoding", "gzip")], body: "{}")
        try expect(coded, is: ExpectedProblem(.mediaTypeUnsupported, member: "Content-Encoding"))
    }

    @Test(
        "Prefer: return=minimal is 204 without a body",
        arguments: [
            "return=minimal", "RETURN=\"minimal\"", "respond-async, return=minimal; x=1",
            "return=minimal, return=representation",
        ]
    )
    func minimal(prefer: String) async throws {
        let answer = try await Gateway().send(fields: [("Prefer", prefer)])
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
        #expect(answer["Preference-Applied"] == "return=minimal")
        #expect(answer["Location"] == Gateway.path)
        #expect(answer["Cache-Control"] == "no-store")
    }

    @Test("any other preference is ignored", arguments: ["return=representation", "wait=10", "minimal", "return", ""])
    func preference(prefer: String) async throws {
        let answer = try await Gateway().send(fields: [("Prefer", prefer)])
        #expect(answer.status == 201)
        #expect(answer.values("Preference-Applied").isEmpty)
    }

    @Test("an Idempotency-Key is refused, never ignored", arguments: ["1", ""])
    func idempotencyKey(key: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(fields: [("Idempotency-Key", key)])
        try expect(answer, is: ExpectedProblem(.idempotencyUnavailable, member: "Idempotency-Key"))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("an unknown path is 404, and a wrong method 405 with Allow")
    func routing() async throws {
        let gateway = Gateway()
        for path in ["/", "/nowhere", "/profiles", "/profiles/x", Gateway.path + "/qr-code", "/livez"] {
            try expect(await gateway.send(.get, path), is: ExpectedProblem(.notFound, outcome: nil))
        }
        for (method, path, allow) in [
            (.get, Gateway.path, "POST"), (.put, Gateway.path, "POST"), (.delete, Gateway.path, "POST"),
            (.post, "/openapi.yaml", "GET"),
        ] as [(HTTPRequest.Method, String, String)] {
            let answer = try await gateway.send(method, path, key: nil)
            try expect(answer, is: ExpectedProblem(.methodNotAllowed, outcome: nil))
            #expect(answer["Allow"] == allow)
        }
    }

    @Test("a sane X-Request-ID is kept", arguments: ["a", "A-b_c.9", String(repeating: "x", count: 128)])
    func requestID(id: String) async throws {
        #expect(try await Gateway().send(fields: [("X-Request-ID", id)])["X-Request-ID"] == id)
    }

    @Test(
        "any other X-Request-ID is replaced by a GUID",
        arguments: [
            [("X-Request-ID", "")], [("X-Request-ID", "a b")], [("X-Request-ID", "é")], [("X-Request-ID", "a\"b")],
            [("X-Request-ID", String(repeating: "x", count: 129))], [("X-Request-ID", "a"), ("X-Request-ID", "b")],
        ]
    )
    func otherRequestID(fields: [(String, String)]) async throws {
        let id = try #require(try await Gateway().send(fields: fields)["X-Request-ID"])
        #expect(ProfileID(id) != nil)
    }
}
