import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("Admission", .timeLimit(.minutes(5)))
struct AdmissionTests {
    @Test("what is above the capacity is told so at once, and the place is free again afterwards")
    func overloaded() async throws {
        let (begun, end) = (Event(), Event())
        let tokens = ScriptedTokens { (_, validity) async throws(GraphError) in
            begun.happen()
            await end.wait()
            return .sample(validity: validity)
        }
        let gateway = Gateway(tokens: tokens, limits: { $0.maximumInFlight = 1 })
        try await gateway.withRouter { router in
            async let first = router.send()
            await begun.wait()
            #expect(gateway.applications.admission.inFlight == 1)
            try expect(await router.send(), is: ExpectedProblem(.overloaded, retryAfter: 2))
            try expect(
                await router.send(.get, "/openapi.yaml"),
                is: ExpectedProblem(.overloaded, outcome: nil, retryAfter: 2)
            )
            #expect(tokens.calls.count == 1)
            end.happen()
            #expect(try await first.status == 201)
            #expect(gateway.applications.admission.inFlight == 0)
            #expect(try await router.send().status == 201)
        }
    }

    @Test("refused requests leave their place as well")
    func refusals() async throws {
        let gateway = Gateway(limits: { $0.maximumInFlight = 1 })
        try await gateway.withRouter { router in
            for _ in 0..<3 {
                let answers = [
                    try await router.send(key: "wrong"), try await router.send(jsonFields, body: "x"),
                    try await router.send(.get, "/nothing"), try await router.send(),
                ]
                #expect(answers.map(\.status) == [401, 400, 404, 201])
            }
        }
        #expect(gateway.applications.admission.inFlight == 0)
    }

    @Test("once closed every new request is told so, and the gateway is not ready but alive")
    func closed() async throws {
        let gateway = Gateway()
        #expect(try await gateway.manage("/readyz").status == 200)
        gateway.applications.admission.close()
        try expect(await gateway.send(), is: ExpectedProblem(.shuttingDown, retryAfter: 2))
        #expect(gateway.tokens.calls.isEmpty)
        let ready = try await gateway.manage("/readyz")
        #expect(ready.status == 503)
        #expect(ready.body.contains("shutting-down"))
        #expect(try await gateway.manage("/livez").status == 200)
    }

    @Test("while callers are sent elsewhere, those who come all the same are served; no phase comes again")
    func draining() async throws {
        let gateway = Gateway()
        let admission = gateway.applications.admission
        admission.enter(.draining)
        #expect(try await gateway.send().status == 201)
        let ready = try await gateway.manage("/readyz")
        #expect(ready.status == 503)
        #expect(ready.body.contains(#""detail":"draining""#))
        #expect(try await gateway.manage("/livez").status == 200)
        admission.close()
        admission.enter(.draining)
        #expect(admission.phase == .closed)
    }
}
