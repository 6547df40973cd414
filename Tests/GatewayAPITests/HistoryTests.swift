import Activity
import HTTPTypes
import KeyRing
import Synchronization
import TestSupport
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

/// What is kept of requests for the console, as the routes and the edge see them.
@Suite("What is kept for the console", .timeLimit(.minutes(5)))
struct HistoryTests {
    private static let route = RouteTable.token.path

    private func kept(_ gateway: Gateway) throws -> RequestHistory.Reading {
        try #require(gateway.applications.history).reading()
    }

    /// The requests alone, the oldest first.
    private func requests(_ gateway: Gateway) throws -> [RequestSummary] {
        try kept(gateway).requests.reversed().map(\.request)
    }

    // MARK: Which

    @Test("a creation is kept with its caller, its profile, what came of it, and what Graph said")
    func created() async throws {
        let gateway = Gateway(console: { .sample })
        _ = try await gateway.send([("X-Request-ID", "mine")])
        let request = try #require(try requests(gateway).first)
        #expect(request.requestID == "mine" && request.method == "POST" && request.route == Self.route)
        #expect(request.status == 201 && request.outcome == "created" && request.code == nil && !request.isReplay)
        #expect(request.caller == "default" && request.keyID == nil && request.profileID == Gateway.profile)
        #expect(request.attempts.map(\.attempt.requestID) == [CreatedToken.graphRequestID])
        // The minute may have passed since.
        #expect(try kept(gateway).single.requests == 1 && kept(gateway).minutes.map(\.created).reduce(0, +) == 1)
    }

    @Test("where nobody beyond this machine may look at it, nothing is kept")
    func off() {
        #expect(Gateway().applications.history == nil)
        let open = Gateway(settings: ["MANAGEMENT_HOST": "0.0.0.0"], console: { .sample })
        #expect(open.applications.history == nil)
    }

    @Test("what people read and browsers' preflights are not kept, and a path that is none is")
    func which() async throws {
        let origin = ("Origin", "https://portal.example.com")
        let gateway = Gateway(settings: ["DOCS": "on", "CORS_ALLOWED_ORIGINS": origin.1], console: { .sample })
        try await gateway.withRouter { router in
            for path in ["/openapi.yaml", "/docs", "/docs/codes", "/docs/assets/none.css"] {
                _ = try await router.send(.get, path, key: nil)
            }
            let preflight = [origin, ("Access-Control-Request-Method", "POST")]
            _ = try await router.send(.options, Gateway.path, key: nil, preflight)
            _ = try await router.send(.options, Gateway.path, key: nil)
            _ = try await router.send(.get, "/profile")
            _ = try await router.send(HTTPRequest.Method("CANARY")!, Gateway.path)
            _ = try await router.send(.get, "/profiles")
        }
        let requests = try requests(gateway)
        #expect(requests.map(\.status) == [405, 404, 405, 200])
        #expect(requests.map(\.method) == ["OPTIONS", "GET", "_OTHER", "GET"])
        #expect(requests.map(\.route) == [Self.route, nil, Self.route, "/profiles"])
    }

    @Test("the management side's own requests are not kept")
    func management() async throws {
        let gateway = Gateway(console: { .sample })
        _ = try await gateway.manage("/livez")
        #expect(try requests(gateway).isEmpty)
    }

    @Test("a revoked key is refused under its holder's name, and counts as a refusal of that key")
    func refusedKey() async throws {
        var key = RingKey()
        key.entry.revokedAt = .now - .seconds(60)
        let gateway = Gateway(console: { .sample }, keys: [key.entry])
        _ = try await gateway.send(key: key.text)
        _ = try await gateway.send(key: "wrong")
        let requests = try requests(gateway)
        #expect(
            requests.map(\.status) == [401, 401] && requests.map(\.code) == ["api-key-invalid", "api-key-invalid"]
        )
        #expect(requests.map(\.caller) == [RingKey.caller, nil] && requests.map(\.keyID) == [key.entry.id, nil])
        let keys = try kept(gateway).keys
        #expect(keys.keys.map(\.self) == [key.entry.id])
        #expect(keys[key.entry.id]?.requests == 1 && keys[key.entry.id]?.refusals == 1)
        #expect(try kept(gateway).single.requests == 0)
    }

    @Test("a replay says so, asks nothing of Graph, and counts as no creation")
    func replay() async throws {
        let gateway = Gateway(console: { .sample }, ledger: try await KeptLedger())
        for _ in 0..<2 { _ = try await gateway.send([("Idempotency-Key", "8e03978e-40d5-43dd-bc93-6894a57f9324")]) }
        let requests = try requests(gateway)
        #expect(requests.map(\.isReplay) == [false, true] && requests.map(\.attempts.count) == [1, 0])
        #expect(requests.map(\.outcome) == ["created", "created"] && requests.map(\.status) == [201, 201])
        #expect(requests[0].recordID != nil && requests[0].recordID == requests[1].recordID)
        // The minute may have passed between the two.
        #expect(try kept(gateway).minutes.map(\.created).reduce(0, +) == 1)
    }

    @Test("what the edge refuses is kept as well, with its method where that could be read")
    func edge() async throws {
        let gateway = Gateway(console: { .sample })
        try await gateway.withServer { port in
            for text in [RawRequest.post(key: Gateway.key, ["Content-Length: 100000"]), "canary-body-0007\r\n\r\n"] {
                try await Wire.connect(port) { wire in
                    try await wire.send(text)
                    _ = try await wire.answer()
                }
            }
        }
        let requests = try requests(gateway)
        #expect(requests.map(\.status) == [413, 400] && requests.map(\.code) == ["body-too-large", "request-invalid"])
        #expect(
            requests.map(\.method) == ["POST", "none"] && requests.allSatisfy { $0.route == nil && $0.caller == nil }
        )
        #expect(requests.map(\.requestID) == gateway.accessLines.map { $0["request.id"] })
        #expect(try kept(gateway).minutes.map(\.refused).reduce(0, +) == 2)
    }

    @Test("one that came too slowly took as long as it was waited for", arguments: ["POST /", ""])
    func slow(rest: String) async throws {
        let limit = Duration.milliseconds(200)
        let gateway = Gateway(limits: { ($0.headerTimeout, $0.bodyTimeout) = (limit, limit) }, console: { .sample })
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                // The time of an idle connection is nobody's.
                try await wire.send(RawRequest.make("GET", "/openapi.yaml"))
                _ = try await wire.answer()
                let slow = RawRequest.make("POST", Gateway.path, ["Content-Length: 5"])
                try await wire.send(rest.isEmpty ? slow : rest)
                #expect(try await wire.answer()?.status == 408)
            }
        }
        let request = try #require(try requests(gateway).first)
        #expect(request.status == 408 && request.duration >= limit)
        #expect(Timestamp.now - request.startedAt >= request.duration)
    }

    // MARK: What it waited for, and what was asked

    @Test("a creation whose answer is lost shows what was asked of Graph, in order, why, and when")
    func lostAnswer() async throws {
        let clock = ManualClock(automatic: true)
        let transport = ScriptedTransport { (request, number) throws(TransportError) in
            clock.advance(by: .milliseconds(40))
            if request.method == .post {
                throw TransportError(.connectionLost, delivery: .unknown, detail: "ended")
            }
            let now = Timestamp.now
            let fields: HTTPFields = [.graphRequestID: "graph-\(number)", .date: now.httpDate]
            if number == 2 { return .json(.serviceUnavailable, "{}", fields: fields) }
            let end = (number == 0 ? now - .seconds(7200) : now + .seconds(3600)).rfc3339
            return .json(.ok, Self.profile(#""tokenExpirationDateTime":"\#(end)""#), fields: fields)
        }
        let gateway = Gateway(operations: Self.tokens(transport, clock), console: { .sample }, clock: clock)
        let answer = try await gateway.send(jsonFields, body: #"{"tokenValidityInSeconds":3600}"#)
        #expect(answer.status == 201)

        let request = try #require(try requests(gateway).first)
        let attempts = request.attempts.map(\.attempt)
        #expect(attempts.map(\.purpose) == [.baseline, .send, .readBack, .readBack])
        #expect(attempts.map(\.operation) == [.readProfile, .createToken, .readProfile, .readProfile])
        #expect(attempts.map(\.number) == [1, 2, 3, 4])
        #expect(attempts.map(\.status) == [200, nil, 503, 200])
        #expect(attempts.map(\.error) == [nil, .connectionLost, nil, nil])
        #expect(attempts.map(\.requestID) == ["graph-0", nil, "graph-2", "graph-3"])
        #expect(attempts.map(\.clientRequestID) == transport.requests.map { $0.fields[.clientRequestID] })
        #expect(request.attempts.map(\.offset) == [0, 40, 80, 620].map { .milliseconds($0) })
        #expect(request.duration == .milliseconds(660))
        #expect(
            request.waits == [.init(step: "pause", offset: .milliseconds(120), duration: .milliseconds(500))]
        )
        #expect(gateway.accessLines.first?["upstream.requests"] == "4")
    }

    @Test("who waits for the profile's turn shows the wait")
    func turn() async throws {
        let (clock, release) = (ManualClock(), Event())
        let transport = Self.transport(holdingSendsUntil: release)
        let tokens = Self.tokens(transport, clock)
        let gateway = Gateway(operations: tokens, console: { .sample }, clock: clock)
        try await gateway.withRouter { router in
            async let first = router.send()
            async let second = router.send()
            while tokens.turns.waitingCount == 0, !Task.isCancelled { await Task.yield() }
            // The first is past its reads, and so the time that follows is only the second's.
            while !transport.requests.contains(where: { $0.method == .post }), !Task.isCancelled { await Task.yield() }
            await clock.waitForSleepers()
            clock.advance(by: .milliseconds(20))
            release.happen()
            let statuses = try await [first.status, second.status]
            #expect(statuses == [201, 201])
        }
        let waits = try requests(gateway).flatMap(\.waits)
        #expect(waits == [.init(step: "turn", offset: .zero, duration: .milliseconds(20))])
    }

    @Test("so does who waits for it in vain")
    func busy() async throws {
        let (clock, release) = (ManualClock(), Event())
        let transport = Self.transport(holdingSendsUntil: release)
        let tokens = Self.tokens(transport, clock)
        let gateway = Gateway(operations: tokens, console: { .sample }, clock: clock)
        try await gateway.withRouter { router in
            async let first = router.send()
            async let second = router.send()
            while tokens.turns.waitingCount == 0, !Task.isCancelled { await Task.yield() }
            // The first is past its reads, and so the time that follows is only the second's.
            while !transport.requests.contains(where: { $0.method == .post }), !Task.isCancelled { await Task.yield() }
            await clock.waitForSleepers()
            clock.advance(by: .seconds(24))
            while tokens.turns.waitingCount > 0, !Task.isCancelled { await Task.yield() }
            release.happen()
            let statuses = try await [first.status, second.status]
            #expect(statuses.sorted() == [201, 503])
        }
        let busy = try #require(try requests(gateway).first { $0.status == 503 })
        #expect(busy.code == "profile-busy" && busy.attempts.isEmpty)
        #expect(busy.waits == [.init(step: "turn", offset: .zero, duration: .seconds(24))])
    }

    /// What a read of it brings.
    private static func profile(_ member: String = #""tokenExpirationDateTime":null"#) -> String {
        #"{"id":"\#(Gateway.profile)","tokenValue":"",\#(member)}"#
    }

    @Test("writing the record is waited for, too")
    func ledger() async throws {
        let gateway = Gateway(console: { .sample }, ledger: try await KeptLedger(clock: TickingClock()))
        _ = try await gateway.send()
        let waits = try requests(gateway).flatMap(\.waits)
        #expect(waits.map(\.step) == ["ledger", "ledger"])
    }

    @Test("of very many attempts the last are kept")
    func manyAttempts() async throws {
        let attempts = (1...500).map { number in
            GraphAttempt(operation: .listProfiles, status: 200, requestID: "\(number)", error: nil, duration: .zero)
        }
        let error = GraphError(.failed, outcome: nil, attempts: attempts)
        let gateway = Gateway(tokens: ScriptedTokens(failing: error), console: { .sample })
        _ = try await gateway.send(.get, "/profiles")
        let kept = try #require(try requests(gateway).first).attempts.map(\.attempt)
        #expect(kept == attempts.suffix(RequestSummary.mostAttempts))
        #expect(gateway.accessLines.first?["upstream.requests"] == "500")
    }

    private static func transport(holdingSendsUntil release: Event) -> ScriptedTransport {
        ScriptedTransport { (request, _) throws(TransportError) in
            guard request.method == .post else { return .json(.ok, profile()) }
            await release.wait()
            return UpstreamResponse(status: .noContent)
        }
    }

    private static func tokens(_ transport: ScriptedTransport, _ clock: ManualClock) -> EnrollmentTokens {
        EnrollmentTokens(
            configuration: GraphConfiguration(
                baseURL: try! UpstreamURL("https://graph.example/beta"),
                deadline: .seconds(25)
            ),
            transport: transport,
            tokens: CallerLeavesTests.OneToken(),
            clock: clock
        )
    }
}

/// Moves on whenever somebody looks at it.
private final class TickingClock: MonotonicClock {
    private let state = Mutex(ContinuousClock.now)

    var now: ContinuousClock.Instant {
        state.withLock { now in
            now = now.advanced(by: .milliseconds(2))
            return now
        }
    }

    func sleep(until instant: ContinuousClock.Instant) async throws { state.withLock { $0 = max($0, instant) } }
}
