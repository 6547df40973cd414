import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("Admission and health", .timeLimit(.minutes(1)))
struct AdmissionTests {
    private struct Check: ReadinessCheck {
        let name = "access-token"
        var isReady: Bool
        func finding() async -> ReadinessFinding { ReadinessFinding(isReady: isReady, detail: "some detail") }
    }

    @Test("one request more than fit is 503, and its place is free again afterwards")
    func overloaded() async throws {
        let begun = Event()
        let goOn = Event()
        let tokens = ScriptedTokens { (_, validity) throws(GraphError) in
            begun.happen()
            await goOn.wait()
            return .sample(validity: validity)
        }
        let gateway = Gateway(tokens: tokens, limits: { $0.maximumInFlight = 1 })
        try await gateway.withRouter { router in
            async let first = router.send()
            await begun.wait()
            let second = try await router.send()
            try expect(second, is: ExpectedProblem(.overloaded, retryAfter: 2))
            goOn.happen()
            #expect(try await first.status == 201)
            #expect(gateway.applications.admission.inFlight == 0)
            #expect(try await router.send().status == 201)
        }
        #expect(tokens.calls.count == 2)
    }

    @Test("a refused request gives its place back")
    func refusedLeaves() async throws {
        let gateway = Gateway(limits: { $0.maximumInFlight = 1 })
        for _ in 0..<3 { #expect(try await gateway.send(key: nil).status == 401) }
        #expect(gateway.applications.admission.inFlight == 0)
    }

    @Test("once it stops, new requests are told so, and it is not ready but alive")
    func shuttingDown() async throws {
        let gateway = Gateway()
        #expect(try await gateway.manage(.get, "/readyz").status == 200)
        gateway.applications.admission.close()
        try expect(await gateway.send(), is: ExpectedProblem(.shuttingDown, retryAfter: 2))
        let ready = try await gateway.manage(.get, "/readyz")
        #expect(ready.status == 503)
        #expect(ready.body.contains(#"{"name":"serving","status":"not-ready","detail":"shutting-down"}"#))
        #expect(try await gateway.manage(.get, "/livez").status == 200)
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("it is ready when every check says so", arguments: [true, false])
    func ready(isReady: Bool) async throws {
        let answer = try await Gateway(checks: [Check(isReady: isReady)]).manage(.get, "/readyz")
        #expect(answer.status == (isReady ? 200 : 503))
        let word = isReady ? "ready" : "not-ready"
        #expect(answer["Content-Type"] == "application/json")
        #expect(
            answer.body
                == #"{"status":"\#(word)","checks":[{"name":"serving","status":"ready"},{"name":"access-token","status":"\#(word)","detail":"some detail"}]}"#
        )
    }

    @Test("the management side has its own paths only")
    func management() async throws {
        let gateway = Gateway()
        #expect(try await gateway.manage(.get, "/livez").body == #"{"status":"alive"}"#)
        try expect(await gateway.manage(.post, "/livez"), is: ExpectedProblem(.methodNotAllowed, outcome: nil))
        try expect(await gateway.manage(.post, Gateway.path), is: ExpectedProblem(.notFound, outcome: nil))
    }
}
