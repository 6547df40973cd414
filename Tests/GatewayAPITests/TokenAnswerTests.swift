import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The answer to a creation", .timeLimit(.minutes(5)))
struct TokenAnswerTests {
    private static let members: Set = ["profileId", "kind", "tokenValidityInSeconds", "createdAt", "expiresAt"]

    private struct Created: Decodable, Equatable {
        var profileId: String
        var kind: String
        var tokenValidityInSeconds: Int
        var createdAt: String
        var expiresAt: String
        var graphRequestId: String?
    }

    @Test("201 has Location and what is known of the token, and nothing else")
    func created() async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(jsonFields, body: #"{"tokenValidityInSeconds": 3600}"#)
        #expect(answer.status == 201)
        #expect(answer["Location"] == Gateway.path)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["X-Request-ID"]?.wholeMatch(of: /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/) != nil)
        #expect(answer["Preference-Applied"] == nil)
        #expect(answer.members == Self.members.union(["graphRequestId"]))
        #expect(
            try answer.decoded(Created.self)
                == Created(
                    profileId: Gateway.profile,
                    kind: "android-for-work",
                    tokenValidityInSeconds: 3600,
                    createdAt: "2026-03-02T08:15:30Z",
                    expiresAt: "2026-03-02T09:15:30Z",
                    graphRequestId: CreatedToken.graphRequestID
                )
        )
        let id = try #require(ProfileID(Gateway.profile))
        #expect(
            gateway.tokens.calls == [.init(profile: ProfileReference(kind: .androidForWork, id: id), validity: 3600)]
        )
    }

    @Test("without Graph's id the member is absent")
    func readBack() async throws {
        let tokens = ScriptedTokens { (_, validity) throws(GraphError) in .sample(validity: validity, requestID: nil) }
        let answer = try await Gateway(tokens: tokens).send()
        #expect(answer.status == 201)
        #expect(answer.members == Self.members)
    }

    // MARK: kind

    @Test(
        "kind picks the collection, and Location carries it where it is not the default",
        arguments: ProfileKind.allCases,
        ProfileKind.allCases
    )
    func kinds(asked: ProfileKind, configured: ProfileKind) async throws {
        let gateway = Gateway(settings: ["GRAPH_PROFILE_KIND": configured.rawValue])
        let answer = try await gateway.send(.post, "\(Gateway.path)?kind=\(asked.rawValue)")
        #expect(answer.status == 201)
        #expect(gateway.tokens.calls.map(\.profile.kind) == [asked])
        #expect(answer["Location"] == (asked == configured ? Gateway.path : "\(Gateway.path)?kind=\(asked.rawValue)"))
        let plain = try await gateway.send()
        #expect(gateway.tokens.calls.last?.profile.kind == configured)
        #expect(plain["Location"] == Gateway.path)
    }

    @Test("a percent-encoded kind is the same kind", arguments: ["%64evice-owner", "device%2Downer", "device%2downer"])
    func encodedKind(kind: String) async throws {
        let gateway = Gateway()
        #expect(try await gateway.send(.post, "\(Gateway.path)?kind=\(kind)").status == 201)
        #expect(try await gateway.send(.post, "\(Gateway.path)?%6Bind=\(kind)").status == 201)
        #expect(gateway.tokens.calls.map(\.profile.kind) == [.deviceOwner, .deviceOwner])
    }

    @Test(
        "another kind, an empty one, or kind twice is refused",
        arguments: [
            "kind=", "kind", "kind=Device-Owner", "kind=device-owner%20", "kind=+device-owner", "kind=android",
            "kind=device-owner%00",
            "kind=device-owner&kind=device-owner", "kind=device-owner&%6bind=android-for-work", "kind=a=b",
        ]
    )
    func badKind(query: String) async throws {
        let gateway = Gateway()
        try expect(
            await gateway.send(.post, "\(Gateway.path)?\(query)"),
            is: ExpectedProblem(.requestInvalid, member: "kind")
        )
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "an unknown query parameter is refused by its name, made safe",
        arguments: [
            ("x=1", "x"), ("Kind=device-owner", "Kind"), ("kind%20=device-owner", "kind?"), ("=1", ""),
            ("a%0Ab=1", "a?b"),
            ("kind=device-owner&%24filter=x", "?filter"), ("tokenValidityInSeconds=60", "tokenValidityInSeconds"),
            ("kind;x=1", "kind?x"),
        ]
    )
    func unknownParameter(query: String, shown: String) async throws {
        let gateway = Gateway()
        try expect(
            await gateway.send(.post, "\(Gateway.path)?\(query)"),
            is: ExpectedProblem(.requestInvalid, member: shown)
        )
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "a query that is not percent-encoded UTF-8 is refused",
        arguments: ["kind=%", "kind=%4", "kind=%zz", "kind=%ff", "%ff=1", "kind=%C3"]
    )
    func badEncoding(query: String) async throws {
        let gateway = Gateway()
        try expect(await gateway.send(.post, "\(Gateway.path)?\(query)"), is: ExpectedProblem(.requestInvalid))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("an empty query is none", arguments: ["?", "?&", "?&&kind=android-for-work&"])
    func emptyQuery(query: String) async throws {
        #expect(try await Gateway().send(.post, Gateway.path + query).status == 201)
    }

    // MARK: Prefer

    @Test(
        "return=minimal is answered 204, however it is written",
        arguments: [
            ["return=minimal"], ["Return=Minimal"], ["return = \"minimal\""], ["respond-async, return=minimal"],
            ["wait=5", "return=minimal"],
            ["return=minimal; x=y"], ["return=minimal, return=representation"], [" ,, return=minimal"],
        ]
    )
    func minimal(prefer: [String]) async throws {
        let answer = try await Gateway().send(.post, "\(Gateway.path)?kind=device-owner", prefer.map { ("Prefer", $0) })
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
        #expect(answer["Preference-Applied"] == "return=minimal")
        #expect(answer["Location"] == "\(Gateway.path)?kind=device-owner")
        #expect(answer["Content-Type"] == nil)
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["X-Request-ID"] != nil)
    }

    @Test(
        "every other preference is ignored",
        arguments: [
            "return", "minimal", "return=", "return=mini", "returns=minimal",
            "x=\"return=minimal\"", "", "return=mini, return=minimal",
        ]
    )
    func otherPreference(prefer: String) async throws {
        let answer = try await Gateway().send([("Prefer", prefer)])
        #expect(answer.status == 201)
        #expect(answer["Preference-Applied"] == nil)
    }

    // MARK: Idempotency-Key

    @Test("where no ledger is kept an Idempotency-Key is refused, never ignored")
    func idempotencyKey() async throws {
        let gateway = Gateway()
        try expect(
            await gateway.send([("Idempotency-Key", "a")]),
            is: ExpectedProblem(.idempotencyUnavailable, member: "Idempotency-Key")
        )
        #expect(gateway.tokens.calls.isEmpty)
    }

    // MARK: Media types

    @Test(
        "what accepts JSON is served",
        arguments: [
            "application/json", "*/*", "application/*", "APPLICATION/JSON", "text/html, */*;q=0.1",
            "text/html, application/json;q=0.001",
            "application/json; charset=utf-8", "application/json;q=1.0", " application/json ,text/plain", "",
            "*/*;q=0, application/json",
        ]
    )
    func accepted(accept: String) async throws {
        #expect(try await Gateway().send([("Accept", accept)]).status == 201)
    }

    @Test(
        "what rules JSON out is 406, before anything is created",
        arguments: [
            "text/html", "application/xml, text/*", "application/json;q=0", "application/json;q=0, */*", "*/*;q=0",
            "application/*;q=0.0",
            "application/jsonx", "image/png",
        ]
    )
    func notAccepted(accept: String) async throws {
        let gateway = Gateway()
        try expect(await gateway.send([("Accept", accept)]), is: ExpectedProblem(.notAcceptable, member: "Accept"))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "a JSON body may say its type in any of these ways",
        arguments: [
            "application/json", "APPLICATION/JSON", "application/json; charset=utf-8",
            "application/json;charset=\"UTF-8\"",
            "application/json ; Charset=utf8", "application/json;charset=us-ascii", "application/json; x=y",
        ]
    )
    func contentTypes(type: String) async throws {
        #expect(try await Gateway().send([("Content-Type", type)], body: "{}").status == 201)
    }

    @Test(
        "a body that is said to be something else is 415",
        arguments: [
            [], [("Content-Type", "")], [("Content-Type", "text/plain")],
            [("Content-Type", "application/x-www-form-urlencoded")],
            [("Content-Type", "application/jsonx")], [("Content-Type", "application/json, text/plain")],
            [("Content-Type", "json")],
            [("Content-Type", "application/json; charset=utf-16")],
            [("Content-Type", "application/json; charset=iso-8859-1")],
            [("Content-Type", "application/json"), ("Content-Type", "application/json")],
        ] as [[(String, String)]]
    )
    func wrongContentType(fields: [(String, String)]) async throws {
        let gateway = Gateway()
        try expect(
            await gateway.send(fields, body: "{}"),
            is: ExpectedProblem(.mediaTypeUnsupported, member: "Content-Type")
        )
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("a coded body is 415, identity aside", arguments: ["gzip", "GZIP", "deflate, gzip", "br", "identity, gzip"])
    func contentEncoding(coding: String) async throws {
        let gateway = Gateway()
        try expect(
            await gateway.send(jsonFields + [("Content-Encoding", coding)], body: "{}"),
            is: ExpectedProblem(.mediaTypeUnsupported, member: "Content-Encoding")
        )
        #expect(gateway.tokens.calls.isEmpty)
        #expect(try await gateway.send(jsonFields + [("Content-Encoding", "Identity")], body: "{}").status == 201)
    }

    @Test("without a body no type is asked for")
    func typeWithoutBody() async throws {
        #expect(try await Gateway().send([("Content-Type", "text/plain")]).status == 201)
    }
}
