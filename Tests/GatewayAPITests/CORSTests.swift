import HTTPTypes
import Testing

@testable import GatewayAPI

@Suite("Answers to web pages of other origins", .timeLimit(.minutes(5)))
struct CORSTests {
    private static let origin = "https://portal.example.com"
    private static let settings = ["CORS_ALLOWED_ORIGINS": "\(origin), http://localhost:5173"]
    private static let page = [("Origin", origin)]
    private static let preflight =
        page + [
            ("Access-Control-Request-Method", "POST"), ("Access-Control-Request-Headers", "content-type,x-api-key"),
        ]

    private static let exposed =
        "X-Request-ID, Retry-After, Location, Preference-Applied, Idempotent-Replayed, RateLimit, RateLimit-Policy"

    /// The names of CORS that the answer has, and `Vary`.
    private func names(_ answer: Answer) -> Set<String> {
        Set(answer.fields.map { $0.0.lowercased() }.filter { $0.hasPrefix("access-control-") || $0 == "vary" })
    }

    private func expectReadable(_ answer: Answer, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(answer["Access-Control-Allow-Origin"] == Self.origin, sourceLocation: sourceLocation)
        #expect(answer["Access-Control-Expose-Headers"] == Self.exposed, sourceLocation: sourceLocation)
        #expect(answer["Vary"] == "Origin", sourceLocation: sourceLocation)
        #expect(names(answer).count == 3, "there are others", sourceLocation: sourceLocation)
    }

    // MARK: Answers

    struct Case: Sendable, CustomTestStringConvertible {
        var status: Int
        var method = HTTPRequest.Method.post
        var path = Gateway.path
        var key: String? = Gateway.key
        var fields: [(String, String)] = []
        var body: String?
        var testDescription: String { "\(status) to \(method) \(path)" }
    }

    private static let cases = [
        Case(status: 201), Case(status: 204, fields: [("Prefer", "return=minimal")]),
        Case(status: 200, method: .get, path: "/openapi.yaml", key: nil),
        Case(status: 400, fields: jsonFields, body: "{"), Case(status: 400, path: "/profiles/x/token"),
        Case(status: 401, key: nil), Case(status: 401, key: "wrong-key-0123456789"),
        Case(status: 404, method: .get, path: "/nothing", key: nil), Case(status: 405, method: .put, key: nil),
        Case(status: 406, fields: [("Accept", "text/html")]),
        Case(status: 415, fields: [("Content-Type", "text/plain")], body: "{}"),
    ]

    @Test("a page of an allowed origin may read every answer, errors included", arguments: cases)
    func readable(_ request: Case) async throws {
        let gateway = Gateway(settings: Self.settings)
        let answer = try await gateway.send(
            request.method,
            request.path,
            key: request.key,
            request.fields + Self.page,
            body: request.body
        )
        #expect(answer.status == request.status)
        expectReadable(answer)
    }

    @Test(
        "a request of another origin, of none or of several is answered as without CORS, and Vary says what it would depend on",
        arguments: [
            [], ["https://other.example.com"], ["null"], ["http://portal.example.com"],
            ["https://portal.example.com:8443"], ["https://PORTAL.example.com"], ["https://portal.example.com/"],
            [origin, origin], [origin, "https://other.example.com"], ["\(origin), \(origin)"],
        ],
        cases
    )
    func unreadable(origins: [String], _ request: Case) async throws {
        let fields = request.fields + origins.map { ("Origin", $0) }
        let answer = try await Gateway(settings: Self.settings)
            .send(request.method, request.path, key: request.key, fields, body: request.body)
        #expect(answer.status == request.status)
        #expect(names(answer) == ["vary"])
        #expect(answer["Vary"] == "Origin")
    }

    @Test("a page may read that it asks too often, and when to come again")
    func limited() async throws {
        let gateway = Gateway(settings: Self.settings.merging(["HTTP_MAX_BAD_KEYS": "1/60s"]) { $1 })
        try await gateway.withRouter { router in
            _ = try await router.send(key: "wrong-key-0123456789", Self.page)
            let answer = try await router.send(key: "wrong-key-0123456789", Self.page)
            #expect(answer.status == 429)
            #expect(answer["Retry-After"] != nil)
            expectReadable(answer)
        }
    }

    @Test("a page may read that the gateway is shutting down, and preflights are answered until its end")
    func shuttingDown() async throws {
        let gateway = Gateway(settings: Self.settings)
        gateway.applications.admission.close()
        let answer = try await gateway.send(Self.page)
        #expect(answer.status == 503)
        expectReadable(answer)
        #expect(try await gateway.send(.options, key: nil, Self.preflight).status == 204)
    }

    @Test("without the setting nothing of CORS is answered, whoever asks")
    func off() async throws {
        for method in [HTTPRequest.Method.post, .options] {
            let answer = try await Gateway().send(method, Gateway.path, Self.preflight)
            #expect(answer.status == (method == .post ? 201 : 405))
            #expect(names(answer).isEmpty)
        }
    }

    @Test("the management side has no CORS")
    func management() async throws {
        let answer = try await Gateway(settings: Self.settings).manage("/livez")
        #expect(answer.status == 200)
        #expect(names(answer).isEmpty)
    }

    // MARK: Preflights

    @Test(
        "a preflight is granted without a key, for the methods that the path has",
        arguments: RouteTable.gateway.entries.map {
            ($0.path.replacing("{profileId}", with: Gateway.profile), $0.methods.map(\.rawValue))
        }
    )
    func preflight(path: String, methods: [String]) async throws {
        let gateway = Gateway(settings: Self.settings)
        let answer = try await gateway.send(.options, path, key: nil, Self.preflight)
        #expect(answer.status == 204)
        #expect(answer.body.isEmpty)
        #expect(answer["Access-Control-Allow-Origin"] == Self.origin)
        #expect(answer["Access-Control-Allow-Methods"] == methods.joined(separator: ", "))
        let allowed = "X-API-Key, Content-Type, Accept, Prefer, Idempotency-Key, X-Request-ID"
        #expect(answer["Access-Control-Allow-Headers"] == allowed)
        #expect(answer["Access-Control-Max-Age"] == "600")
        #expect(answer["Vary"] == "Origin")
        #expect(answer["X-Request-ID"] != nil)
        #expect(answer["Access-Control-Allow-Credentials"] == nil)
        #expect(answer["Access-Control-Allow-Private-Network"] == nil)
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("a preflight has its line in the access log")
    func accessLog() async throws {
        let gateway = Gateway(settings: Self.settings)
        _ = try await gateway.send(.options, key: nil, Self.preflight)
        #expect(gateway.accessLines.map { $0["http.method"] } == ["OPTIONS"])
        #expect(gateway.accessLines.map { $0["http.status"] } == ["204"])
    }

    @Test("a preflight of another origin is any other OPTIONS: 405 with Allow, and nothing is granted")
    func foreignPreflight() async throws {
        let fields = [("Origin", "https://other.example.com"), ("Access-Control-Request-Method", "POST")]
        let answer = try await Gateway(settings: Self.settings).send(.options, key: nil, fields)
        try expect(answer, is: ExpectedProblem(.methodNotAllowed, outcome: nil))
        #expect(answer["Allow"] == RouteTable.token.methods.map(\.rawValue).joined(separator: ", "))
        #expect(names(answer) == ["vary"])
    }

    @Test("an OPTIONS that is no preflight, and one for a path that is not there, are errors that the page may read")
    func noPreflight() async throws {
        let gateway = Gateway(settings: Self.settings)
        let plain = try await gateway.send(.options, key: nil, Self.page)
        #expect(plain.status == 405)
        expectReadable(plain)
        let nowhere = try await gateway.send(.options, "/nothing", key: nil, Self.preflight)
        #expect(nowhere.status == 404)
        expectReadable(nowhere)
    }

    // MARK: On the wire

    @Test("on the wire a preflight has neither body nor length, and the connection serves the request after it")
    func wire() async throws {
        try await Gateway(settings: Self.settings).withServer { port in
            try await Wire.connect(port) { wire in
                let fields = Self.preflight.map { "\($0): \($1)" }
                try await wire.send(RawRequest.make("OPTIONS", Gateway.path, fields))
                let granted = try #require(await wire.answer())
                #expect(granted.status == 204)
                #expect(granted["Content-Length"] == nil)
                try await wire.send(RawRequest.post(["Origin: \(Self.origin)"]))
                let answer = try #require(await wire.answer())
                #expect(answer.status == 201)
                expectReadable(answer)
            }
        }
    }

    @Test(
        "a page may read what the edge refuses, once its Origin was read",
        arguments: [
            (RawRequest.post(host: nil, ["Origin: \(origin)"]), 400),
            (RawRequest.post(["Origin: \(origin)"], body: String(repeating: " ", count: 16_385)), 413),
            (RawRequest.post("/" + String(repeating: "x", count: 8192), ["Origin: \(origin)"]), 414),
            (RawRequest.make("POST", Gateway.path, ["Origin: \(origin)", "Content-Length: 5"]), 408),
        ]
    )
    func edge(request: String, status: Int) async throws {
        let gateway = Gateway(settings: Self.settings, limits: { $0.bodyTimeout = .milliseconds(100) })
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try? await wire.send(request)
                let answer = try #require(await wire.answer())
                #expect(answer.status == status)
                expectReadable(answer)
            }
        }
    }

    @Test(
        "what the edge could not read belongs to no origin, and one that is not allowed reads nothing",
        arguments: [
            ("nonsense\r\n\r\n", 400), (RawRequest.post(host: nil, ["Origin: https://other.example.com"]), 400),
            (RawRequest.post(["Origin: \(origin)"] + (0..<98).map { "X-\($0): 1" }), 431),
        ]
    )
    func foreignEdge(request: String, status: Int) async throws {
        try await Gateway(settings: Self.settings).withServer { port in
            try await Wire.connect(port) { wire in
                try? await wire.send(request)
                let answer = try #require(await wire.answer())
                #expect(answer.status == status)
                #expect(names(answer) == ["vary"])
            }
        }
    }
}
