import Entra
import HTTPTypes
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The error table", .timeLimit(.minutes(5)))
struct ErrorTableTests {
    private static let fault = GraphFault(
        status: 400,
        requestID: "graph-id",
        activityID: "activity-id",
        code: "GraphCode",
        message: "canary words of the upstream",
        retryAfter: nil
    )
    private static let graph = ProblemDocument.Graph(
        requestId: "graph-id",
        activityId: "activity-id",
        code: "GraphCode"
    )

    struct Row: Sendable, CustomTestStringConvertible {
        var error: GraphError
        var expected: ExpectedProblem
        var testDescription: String { "\(error.kind) → \(expected.code.rawValue)" }

        init(_ error: GraphError, _ expected: ExpectedProblem) {
            self.error = error
            self.expected = expected
        }

        /// A row with Graph's own answer in it.
        init(answered kind: GraphError.Kind, retryAfter: Duration? = nil, _ code: ProblemCode, seconds: Int? = nil) {
            self.init(
                GraphError(kind, outcome: .notCreated, retryAfter: retryAfter, fault: fault),
                ExpectedProblem(code, retryAfter: seconds, graph: graph)
            )
        }
    }

    private static let rows: [Row] = [
        Row(answered: .unauthorized, .graphUnauthorized),
        Row(answered: .forbidden, .graphForbidden),
        Row(answered: .profileNotFound, .profileNotFound),
        Row(answered: .conflict, .conflict),
        Row(answered: .refused, .graphRefused),
        Row(answered: .throttled, retryAfter: .seconds(17), .graphThrottled, seconds: 17),
        Row(answered: .throttled, retryAfter: .milliseconds(1200), .graphThrottled, seconds: 2),
        Row(answered: .throttled, retryAfter: .zero, .graphThrottled, seconds: 1),
        Row(answered: .throttled, retryAfter: .seconds(-3), .graphThrottled, seconds: 1),
        Row(answered: .throttled, .graphThrottled, seconds: 5),
        Row(GraphError(.throttled, outcome: .notCreated), ExpectedProblem(.graphThrottled, retryAfter: 5)),
        Row(
            GraphError(.profileBusy, outcome: .notCreated, retryAfter: .seconds(5)),
            ExpectedProblem(.profileBusy, retryAfter: 5)
        ),
        Row(GraphError(.profileBusy, outcome: .notCreated), ExpectedProblem(.profileBusy, retryAfter: 5)),
        Row(GraphError(.unreachable, outcome: .notCreated), ExpectedProblem(.graphUnreachable)),
        Row(answered: .failed, .graphFailed),
        Row(GraphError(.failed, outcome: .notCreated), ExpectedProblem(.graphFailed)),
        Row(GraphError(.timedOut, outcome: .notCreated), ExpectedProblem(.graphFailed)),
        Row(GraphError(.outcomeUnknown, outcome: .unknown), ExpectedProblem(.outcomeUnknown, outcome: "unknown")),
        Row(
            GraphError(.outcomeUnknown, outcome: .unknown, fault: fault),
            ExpectedProblem(.outcomeUnknown, outcome: "unknown", graph: graph)
        ),
        Row(GraphError(.overloaded, outcome: .notCreated), ExpectedProblem(.overloaded, retryAfter: 2)),
        Row(
            GraphError(
                .credential(EntraError(.unavailable, reason: .overloaded, retryAfter: .seconds(9), detail: "")),
                outcome: .notCreated
            ),
            ExpectedProblem(.overloaded, retryAfter: 2)
        ),
        Row(GraphError(.unavailable, outcome: .notCreated), ExpectedProblem(.shuttingDown, retryAfter: 5)),
        // An error that says nothing of an outcome ended before anything was sent.
        Row(GraphError(.conflict, outcome: nil), ExpectedProblem(.conflict)),
        // Nothing known of Graph's answer leaves no empty member.
        Row(GraphError(.conflict, outcome: .notCreated, fault: GraphFault(status: 409)), ExpectedProblem(.conflict)),
    ]

    @Test("each failure at Graph has its status, code, outcome and Retry-After", arguments: rows)
    func graph(row: Row) async throws {
        let gateway = Gateway(tokens: ScriptedTokens(failing: row.error))
        let answer = try await gateway.send()
        try expect(answer, is: row.expected)
        #expect(!answer.body.contains("canary"))
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test("each refusal of Entra's is the operator's 502, never a 401 or 403", arguments: EntraError.Reason.allCases)
    func entraRefused(reason: EntraError.Reason) async throws {
        let entra = EntraError(
            .refused,
            reason: reason,
            aadsts: 7_000_215,
            oauthError: "canary_error",
            traceID: "canary-trace",
            correlationID: "canary-correlation",
            detail: "canary detail"
        )
        let answer = try await Gateway(
            tokens: ScriptedTokens(failing: GraphError(.credential(entra), outcome: .notCreated))
        ).send()
        let problem = try expect(answer, is: ExpectedProblem(.credentialRefused))
        #expect(problem.detail.contains("AADSTS7000215"))
        #expect(problem.detail.contains(reason.rawValue))
        #expect(!answer.body.contains("canary"))
    }

    @Test(
        "Entra's absence is a 503 that says when to come back",
        arguments: EntraError.Reason.allCases.filter { $0 != .overloaded }
    )
    func entraUnavailable(reason: EntraError.Reason) async throws {
        for (pause, seconds) in [(nil, 10), (Duration.seconds(30), 30), (.milliseconds(10), 1), (.zero, 1)] {
            let entra = EntraError(.unavailable, reason: reason, retryAfter: pause, detail: "canary detail")
            let error = GraphError(.credential(entra), outcome: nil, retryAfter: pause)
            let answer = try await Gateway(tokens: ScriptedTokens(failing: error)).send()
            try expect(answer, is: ExpectedProblem(.credentialUnavailable, retryAfter: seconds))
            #expect(!answer.body.contains("canary"))
        }
    }

    @Test("an error that nobody foresaw is a 500 without its words, and says that the outcome is unknown")
    func defect() async throws {
        let failure = RouterFailure()
        let middleware = ProblemMiddleware(routes: .gateway)
        let answer = try await middleware.answer(throwing: failure, to: .post, Gateway.path)
        #expect(answer.status == 500)
        #expect(answer.body.contains(#""code":"internal""#))
        #expect(answer.body.contains(#""outcome":"unknown""#))
        #expect(!answer.body.contains("canary"))
        let read = try await middleware.answer(throwing: failure, to: .get, "/openapi.yaml")
        #expect(read.status == 500)
        #expect(!read.body.contains("outcome"))
    }

    @Test("every code of the list is unlike every other, and has a title")
    func codes() {
        #expect(Set(ProblemCode.allCases.map(\.title)).count == ProblemCode.allCases.count)
        for code in ProblemCode.allCases {
            #expect(code.rawValue.wholeMatch(of: /[a-z]+(-[a-z]+)*/) != nil)
            #expect((400...599).contains(code.status.code))
        }
    }
}
