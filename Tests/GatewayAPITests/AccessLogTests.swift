import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The access log", .timeLimit(.minutes(5)))
struct AccessLogTests {
    /// The facts of the one line, without the duration, which is checked to be a number.
    private func line(_ gateway: Gateway) throws -> [String: String] {
        #expect(gateway.accessLines.count == 1)
        var facts = try #require(gateway.accessLines.first)
        #expect(facts.removeValue(forKey: "duration_ms").flatMap { Int($0) } != nil)
        return facts
    }

    @Test("a creation's line has the request, the caller, the outcome and Graph's answer")
    func created() async throws {
        let gateway = Gateway()
        _ = try await gateway.send(
            .post,
            Gateway.path.uppercased().replacing("/PROFILES/", with: "/profiles/").replacing("/TOKEN", with: "/token")
                + "?kind=device-owner",
            [("X-Request-ID", "mine")]
        )
        #expect(
            try line(gateway) == [
                "request.id": "mine", "http.method": "POST", "http.route": "/profiles/{profileId}/token",
                "http.status": "201",
                "caller": "default", "outcome": "created", "profile.id": Gateway.profile, "upstream.status": "204",
                "upstream.requests": "1", "graph.request_id": CreatedToken.graphRequestID,
            ]
        )
    }

    @Test("a failure's line has the code, the outcome and what the creation was answered, not the read behind it")
    func failed() async throws {
        let attempts = [
            GraphAttempt(operation: .createToken, status: 503, requestID: "create-id", error: nil, duration: .zero),
            GraphAttempt(operation: .readProfile, status: 200, requestID: "read-id", error: nil, duration: .zero),
        ]
        let error = GraphError(.outcomeUnknown, outcome: .unknown, attempts: attempts)
        let gateway = Gateway(tokens: ScriptedTokens(failing: error))
        _ = try await gateway.send([("X-Request-ID", "mine")])
        #expect(
            try line(gateway) == [
                "request.id": "mine", "http.method": "POST", "http.route": "/profiles/{profileId}/token",
                "http.status": "504",
                "caller": "default", "problem.code": "outcome-unknown", "outcome": "unknown",
                "profile.id": Gateway.profile,
                "upstream.status": "503", "upstream.requests": "2", "graph.request_id": "create-id",
            ]
        )
    }

    @Test("a request that ends before Graph has a line that says so")
    func refused() async throws {
        let wrong = Gateway()
        _ = try await wrong.send(key: "wrong", [("X-Request-ID", "mine")])
        #expect(
            try line(wrong) == [
                "request.id": "mine", "http.method": "POST", "http.route": "/profiles/{profileId}/token",
                "http.status": "401",
                "problem.code": "api-key-invalid", "outcome": "not-created",
            ]
        )
        let unknown = Gateway()
        _ = try await unknown.send(.get, "/canary?canary", key: nil, [("X-Request-ID", "mine")])
        #expect(
            try line(unknown) == [
                "request.id": "mine", "http.method": "GET", "http.route": "none", "http.status": "404",
                "problem.code": "not-found",
            ]
        )
    }

    @Test("there is one line for each request, whatever becomes of it")
    func oneEach() async throws {
        let gateway = Gateway()
        try await gateway.withRouter { router in
            _ = try await router.send()
            _ = try await router.send([("Prefer", "return=minimal")])
            _ = try await router.send(jsonFields, body: "x")
            _ = try await router.send(.get, "/openapi.yaml")
            _ = try await router.send(.put, Gateway.path)
            _ = try await router.send(.get, "//")
            gateway.applications.admission.close()
            _ = try await router.send()
        }
        #expect(gateway.accessLines.map { $0["http.status"] } == ["201", "204", "400", "200", "405", "404", "503"])
        #expect(Set(gateway.accessLines.map { $0["request.id"] }).count == 7)
    }

    @Test("lower layers log with the request's id")
    func taskLogger() async throws {
        let tokens = ScriptedTokens { (_, validity) throws(GraphError) in
            LowerLayer.speak()
            return .sample(validity: validity)
        }
        let gateway = Gateway(tokens: tokens)
        _ = try await gateway.send([("X-Request-ID", "mine")])
        #expect(gateway.lines(LowerLayer.message).map { $0["request.id"] } == ["mine"])
    }
}
