import Entra
import HTTPTypes
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

@Suite("The errors of reads", .timeLimit(.minutes(5)))
struct ReadErrorTests {
    private static let fault = GraphFault(
        status: 400,
        requestID: "graph-id",
        activityID: "activity-id",
        code: "GraphCode",
        message: "canary words of the upstream"
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

        init(
            _ kind: GraphError.Kind,
            retryAfter: Duration? = nil,
            isAnswered: Bool = false,
            _ code: ProblemCode,
            seconds: Int? = nil
        ) {
            error = GraphError(kind, outcome: nil, retryAfter: retryAfter, fault: isAnswered ? fault : nil)
            expected = ExpectedProblem(code, outcome: nil, retryAfter: seconds, graph: isAnswered ? graph : nil)
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
        Row(.unauthorized, isAnswered: true, .graphUnauthorized),
        Row(.forbidden, isAnswered: true, .graphForbidden),
        Row(.profileNotFound, isAnswered: true, .profileNotFound),
        Row(.conflict, isAnswered: true, .conflict),
        Row(.refused, isAnswered: true, .graphRefused),
        Row(.throttled, retryAfter: .milliseconds(16_200), isAnswered: true, .graphThrottled, seconds: 17),
        Row(.throttled, .graphThrottled, seconds: 5),
        Row(.profileBusy, retryAfter: .seconds(3), .profileBusy, seconds: 3),
        Row(.unreachable, .graphUnreachable),
        Row(.failed, isAnswered: true, .graphFailed),
        Row(.failed, .graphFailed),
        Row(.timedOut, .graphTimeout),
        Row(.overloaded, .overloaded, seconds: 2),
        Row(.unavailable, .shuttingDown, seconds: 5),
    ]

    @Test(
        "each failure at Graph has its status and code, and no outcome, since nothing was to be changed",
        arguments: rows,
        Operation.reads
    )
    func graph(row: Row, operation: Operation) async throws {
        let gateway = Gateway(tokens: ScriptedTokens(failing: row.error))
        let answer = try await gateway.send(operation.method, operation.path)
        let problem = try expect(answer, is: row.expected)
        #expect(!answer.members.contains("outcome"))
        #expect(!answer.body.contains("canary"))
        #expect(!problem.detail.contains("created") && !problem.detail.contains("revoked"))
        #expect(gateway.tokens.asked.count == 1)
        let line = try #require(gateway.accessLines.first)
        #expect(line["problem.code"] == row.expected.code.rawValue)
        #expect(line["outcome"] == nil)
    }

    @Test("a read that was not answered in time is 504 graph-timeout")
    func timeout() async throws {
        let attempt = GraphAttempt(
            operation: .readProfile,
            status: nil,
            requestID: nil,
            error: .timedOut,
            duration: .seconds(25)
        )
        let error = GraphError(.timedOut, outcome: nil, attempts: [attempt, attempt])
        let gateway = Gateway(tokens: ScriptedTokens(failing: error))
        let answer = try await gateway.send(.get, Gateway.path)
        #expect(answer.status == 504)
        #expect(try answer.decoded(ProblemDocument.self).code == "graph-timeout")
        let line = try #require(gateway.accessLines.first)
        #expect(line["upstream.requests"] == "2")
        #expect(line["upstream.status"] == nil)
    }

    @Test("an error that nobody foresaw is a 500 without an outcome", arguments: Operation.reads)
    func defect(operation: Operation) async throws {
        let middleware = ProblemMiddleware(routes: .gateway)
        let answer = try await middleware.answer(throwing: RouterFailure(), to: operation.method, operation.path)
        #expect(answer.status == 500)
        #expect(answer.body.contains(#""code":"internal""#))
        #expect(!answer.members.contains("outcome"))
        #expect(!answer.body.contains("canary"))
    }
}
