import CurlTransport
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Traces
import Tracing
import Transport

@testable import Telemetry

@Suite("Spans, at a collector", .timeLimit(.minutes(5)))
struct CollectorTests {
    /// Exports what `body` does, to the end, which does not come by itself before the collector answers: the clock stands still.
    private func export(
        to receiver: SpanReceiver,
        _ body: (SpanTracer) -> Void,
        atEnd: (ManualClock) async throws -> Void = { _ in }
    ) async throws -> SpanCounts {
        let queue = SpanQueue(capacity: 100, batch: 100)
        body(SpanTracer(queue: queue))
        let transport = try CurlTransport(configuration: CurlConfiguration(connectTimeout: .seconds(60)))
        let clock = ManualClock()
        var configuration = TraceConfiguration()
        (configuration.timeout, configuration.exportTimeout) = (.seconds(3600), .seconds(3600))
        configuration.resource = [("service.name", "test"), ("odd \"name\"", "odd \u{1} \u{2028} value")]
        let exporter = SpanExporter(
            to: try UpstreamURL(receiver.url + "/v1/traces"),
            configuration,
            queue: queue,
            transport: transport,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let group = ServiceGroup(configuration: .init(services: [exporter], logger: Logger(label: "test")))
        await group.triggerGracefulShutdown()
        async let end: Void = group.run()
        try await atEnd(clock)
        try await end
        await transport.shutDown()
        return queue.counts
    }

    @Test("what is exported is as the protocol has it, whatever a span holds")
    func form() async throws {
        let receiver = try SpanReceiver()
        let counts = try await export(to: receiver) { tracer in
            let span = tracer.begin("first \"\\\n\u{0}é", .server)
            span.attributes["text"] = "\"\\\n\u{0}\u{85}é"
            span.attributes["number"] = Int.min
            span.attributes["truth"] = true
            span.attributes["share"] = 0.25
            span.attributes["large"] = 1e300
            span.attributes["endless"] = Double.infinity
            span.attributes["texts"] = ["a", "b"]
            span.attributes["numbers"] = [1, 2]
            span.attributes["none"] = [String]()
            span.addEvent(SpanEvent(name: "event", attributes: ["a": 1]))
            span.addLink(SpanLink(context: tracer.begin("other").context, attributes: [:]))
            span.setStatus(.init(code: .error, message: "message"))
            span.step("second", .client)?.end()
            span.end()
        }
        #expect(receiver.faults == [])
        #expect(counts == SpanCounts(exported: 2))
        #expect(receiver.resource == ["service.name": "test", "odd \"name\"": "odd \u{1} \u{2028} value"])
        let second = try #require(receiver.spans.first)
        let first = try #require(receiver.spans.last)
        #expect(second.name == "second" && second.kind == .client && !second.isError)
        #expect(second.traceID == first.traceID && second.parentID == first.spanID && first.parentID == nil)
        #expect(first.name == "first \"\\\n\u{0}é" && first.kind == .server && first.isError)
        #expect(first.eventCount == 1 && first.linkCount == 1)
        #expect(
            first.attributes == [
                "text": "\"\\\n\u{0}\u{85}é", "number": String(Int.min), "truth": "true", "share": "0.25",
                "large": "1e+300",
                "endless": "Infinity", "texts": "a,b", "numbers": "1,2", "none": "",
            ]
        )
    }

    @Test("a collector that does not answer costs spans, and is not waited for")
    func away() async throws {
        let receiver = try SpanReceiver { _ in nil }
        let counts = try await export(to: receiver) {
            $0.begin("span").end()
        } atEnd: { clock in
            while receiver.requestCount == 0 { try await Task.sleep(for: .milliseconds(5)) }
            await clock.waitForSleepers()
            clock.advance(by: SpanExporter.endLimit)
        }
        #expect(counts == SpanCounts(failed: 1))
        #expect(receiver.requestCount == 1)
    }
}
