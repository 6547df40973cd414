import HTTPTypes
import TestSupport
import Testing
import Traces
import Tracing
import Transport

@Suite("TracedExchange")
struct TracedExchangeTests {
    private let queue = SpanQueue(capacity: 100, batch: 100)

    /// Makes one exchange in a request's span, and returns what was sent.
    private func exchange(
        _ tracer: SpanTracer,
        _ answer: @escaping ScriptedTransport.Answer = { _, _ in UpstreamResponse(status: .noContent) }
    ) async throws -> (request: UpstreamRequest, span: TraceSpan) {
        let transport = ScriptedTransport(answer)
        let span = tracer.begin("request", .server)
        let url = try UpstreamURL("https://graph.example:8443/beta/canary?$select=canary")
        await span.surround {
            let traced = TracedExchange("exchange")
            _ = await traced.execute(
                UpstreamRequest(method: .post, url: url, repetition: .never, deadline: .now + .seconds(1)),
                with: transport
            )
            traced.end()
        }
        return (try #require(transport.requests.first), span)
    }

    private func facts(_ span: FinishedSpan) -> [String: SpanAttribute] {
        var facts: [String: SpanAttribute] = [:]
        span.attributes.forEach { facts[$0] = $1 }
        return facts
    }

    @Test("an upstream is told of the attempt's own span, and its URL is not in it")
    func recorded() async throws {
        let (request, span) = try await exchange(SpanTracer(queue: queue))
        let exchange = try #require(queue.take().first)
        #expect(exchange.kind == .client && exchange.parent == span.trace.span && exchange.status == nil)
        #expect(request.fields[.traceparent] == exchange.context.traceparent)
        #expect(
            facts(exchange) == [
                "http.request.method": .string("POST"), "server.address": .string("graph.example"),
                "server.port": .int64(8443), "http.response.status_code": .int64(204),
            ]
        )
    }

    @Test("where nothing is recorded it is told of the request's span, and where that is off of nothing")
    func unrecorded() async throws {
        let (request, span) = try await exchange(SpanTracer())
        #expect(request.fields[.traceparent] == span.trace.traceparent && span.trace.traceparent.hasSuffix("-00"))
        let (silent, _) = try await exchange(SpanTracer(queue: queue, isPropagating: false))
        #expect(silent.fields.isEmpty)
        let transport = ScriptedTransport { _, _ in UpstreamResponse(status: .noContent) }
        let request2 = UpstreamRequest(
            method: .get,
            url: try UpstreamURL("https://graph.example"),
            repetition: .harmless,
            deadline: .now + .seconds(1)
        )
        _ = await TracedExchange("exchange").execute(request2, with: transport)
        #expect(transport.requests.first?.fields.isEmpty == true)
    }

    @Test("refusals and failures are errors, each of a closed kind")
    func errors() async throws {
        _ = try await exchange(SpanTracer(queue: queue)) { _, _ in UpstreamResponse(status: .tooManyRequests) }
        let refused = try #require(queue.take().first)
        #expect(refused.status?.code == .error && facts(refused)["error.type"] == .string("429"))
        _ = try await exchange(SpanTracer(queue: queue)) { _, _ throws(TransportError) in
            throw TransportError(.connectionLost, delivery: .unknown, detail: "canary", status: .ok)
        }
        let lost = try #require(queue.take().first)
        #expect(lost.status?.code == .error && facts(lost)["error.type"] == .string("connection-lost"))
        #expect(facts(lost)["transport.delivery"] == .string("unknown"))
        #expect(facts(lost)["http.response.status_code"] == .int64(200))
        #expect(!"\(lost)".contains("canary"))
    }
}
