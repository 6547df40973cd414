import HTTPTypes
import Logging
import Synchronization
import Telemetry
import TestSupport
import Testing
import Traces
import Tracing

@testable import GatewayAPI
@testable import Graph

@Suite("Traces", .timeLimit(.minutes(5)))
struct TraceTests {
    private static let trace = "0af7651916cd43dd8448eb211c80319c"
    private static let parent = "b7ad6b7169203331"
    private static let traceparent = ("traceparent", "00-\(trace)-\(parent)-01")

    private let queue = SpanQueue(capacity: 100, batch: 100)

    private func gateway(
        _ tokens: ScriptedTokens = ScriptedTokens(),
        sampler: TraceSampler = .standard,
        ledger: KeptLedger? = nil
    ) -> Gateway {
        Gateway(tokens: tokens, ledger: ledger, tracer: SpanTracer(queue: queue, sampler: sampler))
    }

    private func server() throws -> FinishedSpan { try #require(queue.take().last { $0.kind == .server }) }

    /// As texts.
    private func facts(_ span: FinishedSpan) -> [String: String] {
        var facts: [String: String] = [:]
        span.attributes.forEach { name, value in
            switch value {
            case .string(let text): facts[name] = text
            case .int64(let number): facts[name] = String(number)
            default: Issue.record("\(name) is of no known kind")
            }
        }
        return facts
    }

    @Test("a request's span continues the caller's trace, and says what the access line says")
    func created() async throws {
        let kept = try await KeptLedger()
        let gateway = gateway(ledger: kept)
        _ = try await gateway.send([Self.traceparent, ("X-Request-ID", "mine"), ("tracestate", "a=canary")])
        let spans = queue.take()
        let span = try #require(spans.last)
        #expect(span.name == "POST /profiles/{profileId}/token" && span.kind == .server)
        #expect(span.context.trace.description == Self.trace && span.parent?.description == Self.parent)
        #expect(span.status == nil)
        var facts = facts(span)
        #expect(facts.removeValue(forKey: "ledger.record") != nil)
        #expect(
            facts == [
                "http.request.method": "POST", "http.route": "/profiles/{profileId}/token",
                "http.response.status_code": "201", "request.id": "mine", "caller": "default", "outcome": "created",
                "profile.id": Gateway.profile, "upstream.requests": "1",
                "graph.request_id": CreatedToken.graphRequestID,
            ]
        )
        #expect(spans.dropLast().map(\.name).contains("ledger settle"))
        for step in spans.dropLast() {
            #expect(step.context.trace == span.context.trace && step.parent == span.context.span)
        }
    }

    @Test("a refusal is no error of the gateway's, and what is beyond 500 is")
    func status() async throws {
        let gateway = gateway()
        _ = try await gateway.send(key: "wrong")
        let refused = try server()
        #expect(refused.status == nil)
        #expect(facts(refused)["problem.code"] == "api-key-invalid" && facts(refused)["error.type"] == nil)
        let failing = self.gateway(ScriptedTokens(failing: GraphError(.throttled, outcome: .notCreated)))
        _ = try await failing.send()
        let failed = try server()
        #expect(failed.status?.code == .error)
        #expect(facts(failed)["error.type"] == "graph-throttled" && facts(failed)["outcome"] == "not-created")
    }

    @Test("what matches no route has a span with no route, and nothing of its path")
    func unmatched() async throws {
        _ = try await gateway().send(.get, "/canary?canary", key: "canary", [("X-Canary", "canary")])
        let span = try server()
        #expect(span.name == "GET" && facts(span)["http.route"] == nil)
        #expect(!"\(span)".contains("canary"))
    }

    @Test("a method that was made up is not in a span's name")
    func otherMethod() async throws {
        _ = try await gateway().send(HTTPRequest.Method("CANARY")!, Gateway.path)
        let span = try server()
        #expect(span.name == "_OTHER /profiles/{profileId}/token" && !"\(span)".contains("CANARY"))
    }

    @Test("what ends at the edge has its trace as well, on its line and in a span")
    func edge() async throws {
        let gateway = gateway()
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                let field = "traceparent: \(Self.traceparent.1)"
                try await wire.send(RawRequest.post(key: Gateway.key, [field, "Content-Length: 100000"]))
                #expect(try await wire.answer()?.status == 413)
            }
        }
        let span = try server()
        #expect(span.name == "POST" && span.context.trace.description == Self.trace)
        #expect(facts(span)["problem.code"] == "body-too-large" && span.status == nil)
        let line = try #require(gateway.lines("request").first)
        #expect(line["trace.id"] == Self.trace && line["span.id"] == span.context.span.description)
    }

    @Test(
        "without a traceparent that is valid the trace begins here",
        arguments: [[], [("traceparent", "00-\(trace)-\(parent)-1")], [traceparent, traceparent]]
            as [[(String, String)]]
    )
    func begins(fields: [(String, String)]) async throws {
        _ = try await gateway().send(fields)
        let span = try server()
        #expect(span.parent == nil && span.context.trace.description != Self.trace)
    }

    @Test("every line of the log about a request has its trace, recorded or not", arguments: [true, false])
    func lines(isSampled: Bool) async throws {
        let store = TraceLines()
        let logger = Logger(label: "test") {
            LineLogHandler(label: $0, format: .json, level: .trace, sink: store, metadataProvider: .trace)
        }
        let tokens = ScriptedTokens(failing: GraphError(.failed, outcome: .notCreated))
        let gateway = Gateway(
            tokens: tokens,
            tracer: SpanTracer(queue: isSampled ? queue : nil),
            logger: logger
        )
        _ = try await gateway.send([Self.traceparent])
        let lines = store.lines.filter { $0.contains(#""request.id""#) }
        #expect(!lines.isEmpty)
        #expect(lines.allSatisfy { $0.contains(#""trace.id":"\#(Self.trace)""#) && $0.contains(#""span.id":""#) })
    }
}

private final class TraceLines: LineSink {
    private let store = Mutex<[String]>([])
    var lines: [String] { store.withLock { $0 } }
    func write(_ line: [UInt8]) { store.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
}
