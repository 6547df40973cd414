import Entra
import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("Revoking a token", .timeLimit(.minutes(5)))
struct RevocationRouteTests {
    private static let graph = ProblemDocument.Graph(requestId: "graph-id", activityId: nil, code: "GraphCode")

    private func asked(for caller: String) throws -> [ScriptedTokens.Asked] {
        let id = try #require(ProfileID(Gateway.profile))
        return [.revoke(ProfileReference(kind: .androidForWork, id: id), caller: caller)]
    }

    @Test("204 has no body and nothing that speaks of one, and Graph is asked in the caller's name")
    func revoked() async throws {
        let key = RingKey(caller: "kiosk-7")
        let gateway = Gateway(keys: [key.entry])
        let answer = try await gateway.send(.delete, key: key.text)
        #expect(answer.status == 204)
        #expect(answer.bytes.isEmpty)
        #expect(answer["Content-Type"] == nil)
        #expect(answer["Location"] == nil)
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["X-Request-ID"] != nil)
        #expect(gateway.tokens.asked == (try asked(for: "kiosk-7")))
        let other = Gateway()
        #expect(try await other.send(.delete).status == 204)
        #expect(other.tokens.asked == (try asked(for: "default")))
    }

    @Test("the log has the outcome and what Graph answered")
    func log() async throws {
        let gateway = Gateway()
        _ = try await gateway.send(.delete, Gateway.path, [("X-Request-ID", "mine")])
        var line = try #require(gateway.accessLines.first)
        line["duration_ms"] = nil
        #expect(
            line == [
                "request.id": "mine", "http.method": "DELETE", "http.route": "/profiles/{profileId}/token",
                "http.status": "204", "caller": "default", "outcome": "revoked", "profile.id": Gateway.profile,
                "upstream.status": "204", "upstream.requests": "1", "graph.request_id": "r",
            ]
        )
    }

    @Test(
        "any body is refused, whatever it holds and is said to be",
        arguments: ["{}", " ", "x", "{\"a\":1}", "\u{0}"]
    )
    func body(body: String) async throws {
        let gateway = Gateway()
        for fields in [[], jsonFields, [("Content-Type", "text/plain")], [("Content-Encoding", "gzip")]] {
            try expect(
                await gateway.send(.delete, Gateway.path, fields, body: body),
                is: ExpectedProblem(.bodyInvalid, outcome: "not-revoked")
            )
        }
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("a body is refused off the wire too, with its length or in chunks; an empty one is none")
    func bodyOnTheWire() async throws {
        let gateway = Gateway()
        let cases = [
            (["Content-Length: 2"], "{}", 400),
            (["Transfer-Encoding: chunked"], "2\r\n{}\r\n0\r\n\r\n", 400),
            (["Transfer-Encoding: chunked"], "1\r\n{\r\n1\r\n}\r\n0\r\n\r\n", 400),
            (["Content-Length: 0"], "", 204),
            (["Transfer-Encoding: chunked"], "0\r\n\r\n", 204),
            ([], "", 204),
        ]
        try await gateway.withServer { port in
            for (fields, body, status) in cases {
                try await Wire.connect(port) { wire in
                    try await wire.send(RawRequest.make("DELETE", Gateway.path, key: Gateway.key, fields) + body)
                    let answer = try #require(try await wire.answer())
                    #expect(answer.status == status, "\(fields)")
                    guard status == 204 else {
                        try expect(answer, is: ExpectedProblem(.bodyInvalid, outcome: "not-revoked"))
                        return
                    }
                    // RFC 9110 §8.6: a 204 has no Content-Length.
                    #expect(answer.values("Content-Length").isEmpty)
                    #expect(answer.values("Transfer-Encoding").isEmpty)
                }
            }
        }
        #expect(gateway.tokens.asked.count == cases.filter { $0.2 == 204 }.count)
    }

    @Test("where no ledger is kept an Idempotency-Key is refused, never ignored")
    func idempotencyKey() async throws {
        let gateway = Gateway()
        try expect(
            await gateway.send(.delete, Gateway.path, [("Idempotency-Key", "a")]),
            is: ExpectedProblem(.idempotencyUnavailable, outcome: "not-revoked", member: "Idempotency-Key")
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("Accept decides nothing, since a 204 has no type", arguments: ["text/html", "*/*;q=0", "image/png"])
    func accept(accept: String) async throws {
        #expect(try await Gateway().send(.delete, Gateway.path, [("Accept", accept)]).status == 204)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        var kind: GraphError.Kind
        var retryAfter: Duration?
        var code: ProblemCode
        var seconds: Int?
        var testDescription: String { "\(kind) → \(code.rawValue)" }

        init(_ kind: GraphError.Kind, retryAfter: Duration? = nil, _ code: ProblemCode, seconds: Int? = nil) {
            self.kind = kind
            self.retryAfter = retryAfter
            self.code = code
            self.seconds = seconds
        }
    }

    private static let rows: [Row] = [
        Row(.credential(EntraError(.refused, reason: .secretWrong, detail: "canary")), .credentialRefused),
        Row(
            .credential(EntraError(.unavailable, reason: .unreachable, detail: "canary")),
            .credentialUnavailable,
            seconds: 10
        ),
        Row(.credential(EntraError(.unavailable, reason: .overloaded, detail: "canary")), .overloaded, seconds: 2),
        Row(.unauthorized, .graphUnauthorized),
        Row(.forbidden, .graphForbidden),
        Row(.profileNotFound, .profileNotFound),
        Row(.conflict, .conflict),
        Row(.refused, .graphRefused),
        Row(.throttled, retryAfter: .seconds(17), .graphThrottled, seconds: 17),
        Row(.throttled, .graphThrottled, seconds: 5),
        Row(.profileBusy, retryAfter: .seconds(5), .profileBusy, seconds: 5),
        Row(.unreachable, .graphUnreachable),
        Row(.failed, .graphFailed),
        Row(.timedOut, .graphFailed),
        Row(.outcomeUnknown, .outcomeUnknown),
        Row(.overloaded, .overloaded, seconds: 2),
        Row(.unavailable, .shuttingDown, seconds: 5),
    ]

    @Test("each failure at Graph has its status and code, and says whether the token was revoked", arguments: rows)
    func errors(row: Row) async throws {
        let fault = GraphFault(status: 400, requestID: "graph-id", code: "GraphCode", message: "canary words")
        for outcome in [GraphError.Outcome.notRevoked, .unknown, nil] {
            // No read back, no timing out without an outcome, is known of a revocation.
            if outcome == nil, case .timedOut = row.kind { continue }
            let error = GraphError(row.kind, outcome: outcome, retryAfter: row.retryAfter, fault: fault)
            let gateway = Gateway(tokens: ScriptedTokens(failing: error))
            let answer = try await gateway.send(.delete)
            let told = outcome?.rawValue ?? "not-revoked"
            let problem = try expect(
                answer,
                is: ExpectedProblem(row.code, outcome: told, retryAfter: row.seconds, graph: Self.graph)
            )
            #expect(!answer.body.contains("canary"))
            // What was to be revoked was not to be created.
            #expect(!problem.detail.contains("created"))
            #expect(gateway.accessLines.map { $0["outcome"] } == [told])
            #expect(gateway.tokens.asked.count == 1)
        }
    }

    @Test("an error that nobody foresaw is a 500 that says that the outcome is unknown")
    func defect() async throws {
        let answer = try await ProblemMiddleware(routes: .gateway)
            .answer(throwing: RouterFailure(), to: .delete, Gateway.path)
        #expect(answer.status == 500)
        #expect(answer.body.contains(#""outcome":"unknown""#))
        #expect(!answer.body.contains("canary"))
    }
}
