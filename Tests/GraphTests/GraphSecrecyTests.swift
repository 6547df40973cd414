import HTTPTypes
import InMemoryLogging
import Logging
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("Secrecy of Graph", .timeLimit(.minutes(5)))
struct GraphSecrecyTests {
    /// As long as access tokens are.
    private static let access = String(
        repeating: "eyJ0eXAiOiJKV1Qi.access-canary.eyJhdWQiOiJodHRwczovL2dyYXBoIn0.",
        count: 20
    )
    private static let enrollment = "enrollment-canary"

    /// An upstream that gives back what it was shown, in every member that is read.
    private static let echo =
        #"{"error":{"code":"\#(access)","message":"Bad \#(access)1","innerError":{"request-id":"\#(access)1"}},"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":"\#(enrollment)"}"#
    private static let nestedEcho =
        #"{"error":{"code":"Forbidden","message":"{\"Message\":\"Bad \#(access)1 - Activity ID: \#(access)1\",\"RetryAfter\":\"\#(access)\"}"}}"#

    private static let steps: [FakeGraph.Create] = [
        .created,
        .acting(.fails(.reset)),
        .fails(.reset),
        .fails(.notConnected),
        .silent,
        .answers(.status(200, body: echo)),
        .answers(.status(400, body: echo)),
        .answers(.status(400, body: nestedEcho)),
        .answers(.status(401, [.wwwAuthenticate: access], body: echo)),
        .answers(.status(403, body: nestedEcho)),
        .answers(.status(429, [.retryAfter: access], body: echo)),
        .answers(.status(302, [.location: "https://elsewhere.example/?t=" + access])),
        .answers(.status(500, [.graphRequestID: access], body: access + enrollment)),
        .fails(
            TransportError(
                .connectionLost,
                delivery: .unknown,
                detail: "",
                status: .internalServerError,
                fields: [.retryAfter: "1"]
            )
        ),
    ]

    private static let reads: [FakeGraph.Read] = [
        .truth, .answers(.status(200, body: enrollment)), .answers(.status(500, body: echo)),
        .answers(.status(400, body: nestedEcho)),
    ]

    @Test(
        "no access token and no enrollment token is in an error, a description, a dump or a log line",
        arguments: steps.indices
    )
    func canary(index: Int) async throws {
        for read in Self.reads {
            let handler = InMemoryLogHandler()
            var logger = Logger(label: "test", factory: { _ in handler })
            logger.logLevel = .trace
            let bench = Bench(
                creates: Array(repeating: Self.steps[index], count: 3),
                reads: [read, .truth, read],
                logger: logger,
                tokenPrefix: Self.access
            )
            bench.graph.show(.init(value: Self.enrollment + "-before", createdAt: nil, expiresAt: nil))
            let result = await bench.outcome()

            var outputs: [String] = []
            func show(_ value: Any) {
                var dumped = ""
                dump(value, to: &dumped)
                outputs += ["\(value)", String(reflecting: value), dumped]
            }
            show(result)
            if let error = result.error { show(error) }
            if let token = result.token { show(token) }
            for entry in handler.entries { outputs.append("\(entry.message) \(entry.metadata)") }
            #expect(!handler.entries.isEmpty)
            for output in outputs {
                #expect(!output.contains("canary"))
                #expect(!output.contains("eyJ0eXAi"))
            }
        }
    }

    @Test("what a read brought can be printed without its value")
    func state() throws {
        let state = try #require(
            TokenState(
                decoding: .init(
                    string: #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":"\#(Self.enrollment)"}"#
                ),
                of: .example()
            )
        )
        var dumped = ""
        dump(state, to: &dumped)
        for output in ["\(state)", String(reflecting: state), dumped, "\(Baseline.read(state))"] {
            #expect(!output.contains("canary"))
        }
        #expect(state.value?.reveal { $0 } == Self.enrollment)
    }
}
