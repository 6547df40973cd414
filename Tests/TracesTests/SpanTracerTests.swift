import Testing
import Traces
import Tracing

@Suite("SpanTracer")
struct SpanTracerTests {
    private let queue = SpanQueue(capacity: 100, batch: 100)

    private func parent(isSampled: Bool) throws -> TraceContext {
        let text = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-0"
        return try #require(TraceContext(traceparent: text + (isSampled ? "1" : "0")))
    }

    @Test("a span has a trace of its own, or that of its parent")
    func ids() throws {
        let tracer = SpanTracer(queue: queue)
        let first = tracer.begin("first", .server)
        let second = tracer.begin("second", .server)
        #expect(first.trace.trace != second.trace.trace)
        let caller = try parent(isSampled: true)
        tracer.begin("third", .server, under: caller).end()
        let third = try #require(queue.take().first)
        #expect(third.context.trace == caller.trace)
        #expect(third.context.span != caller.span)
        #expect(third.parent == caller.span)
    }

    @Test("where nothing is exported a request has its ids, and no step costs a span")
    func unrecorded() async throws {
        let tracer = SpanTracer()
        let span = tracer.begin(unexpected(), .server)
        #expect(!span.isRecording && !span.trace.isSampled)
        await span.surround {
            #expect(TraceSpan.current === span)
            #expect(TraceSpan.step(unexpected()) == nil)
        }
        #expect(TraceSpan.current == nil)
        #expect(span.traceparent == span.trace.traceparent)
        span.end()
    }

    private func unexpected() -> String {
        Issue.record("nobody wants a name")
        return ""
    }

    @Test("steps are inside of the span that surrounds them, also in tasks and when it is over")
    func steps() async throws {
        let span = SpanTracer(queue: queue).begin("request", .server)
        await span.surround {
            TraceSpan.step("here")?.end()
            await Task { TraceSpan.step("in a task")?.end() }.value
        }
        span.end()
        span.step("after")?.end()
        let spans = queue.take()
        #expect(spans.map(\.name) == ["here", "in a task", "request", "after"])
        #expect(spans.allSatisfy { $0.context.trace == span.trace.trace })
        #expect(spans.map(\.parent) == [span.trace.span, span.trace.span, nil, span.trace.span])
        #expect(Set(spans.map(\.context.span)).count == 4)
    }

    @Test("what is noted and failed is in the span, and nothing after its end")
    func facts() throws {
        let span = SpanTracer(queue: queue).begin("request", .server)
        span.note("text", "value")
        span.note("number", 7)
        span.note("absent", nil as String?)
        span.fail("kind")
        span.end()
        span.note("late", "value")
        span.end()
        let spans = queue.take()
        #expect(spans.count == 1)
        let attributes = try #require(spans.first).attributes
        #expect(attributes.count == 3)
        #expect(attributes["text"]?.toSpanAttribute() == .string("value"))
        #expect(attributes["number"]?.toSpanAttribute() == .int64(7))
        #expect(attributes["error.type"]?.toSpanAttribute() == .string("kind"))
        #expect(spans.first?.status?.code == .error)
        #expect(!span.isRecording)
    }

    @Test("no more events and links are kept than a span may have")
    func bounds() throws {
        let tracer = SpanTracer(queue: queue)
        let span = tracer.begin("request")
        for _ in 0..<200 {
            span.addEvent("event")
            span.addLink(SpanLink(context: tracer.begin("other").context, attributes: [:]))
        }
        span.end()
        let finished = try #require(queue.take().first)
        #expect(finished.events.count == 128 && finished.droppedEvents == 72)
        #expect(finished.links.count == 128 && finished.droppedLinks == 72)
    }

    @Test("libraries that know no more than the API have their spans in the trace")
    func libraries() async throws {
        struct Odd: Error {}
        let tracer = SpanTracer(queue: queue)
        let span = tracer.begin("request", .server)
        try await withTracer(tracer) {
            try await span.surround { () async throws in
                try? withSpan("library", ofKind: .client) { span in
                    #expect(span.isRecording)
                    throw Odd()
                }
            }
        }
        let library = try #require(queue.take().first)
        #expect(library.name == "library" && library.kind == .client && library.parent == span.trace.span)
        #expect(library.attributes["error.type"]?.toSpanAttribute() == .string("Odd"))
    }

    @Test("traceparent goes in and out through the API as well, unless it is off", arguments: [true, false])
    func carriers(isPropagating: Bool) throws {
        struct Fields: Extractor, Injector {
            func extract(key: String, from carrier: [String: String]) -> String? { carrier[key] }
            func inject(_ value: String, forKey key: String, into carrier: inout [String: String]) {
                carrier[key] = value
            }
        }
        let tracer = SpanTracer(queue: queue, isPropagating: isPropagating)
        let caller = try parent(isSampled: true)
        var context = ServiceContext.topLevel
        tracer.extract(["traceparent": caller.traceparent, "tracestate": "a=b"], into: &context, using: Fields())
        let span = tracer.startSpan("request", context: context, ofKind: .server)
        #expect((span.trace.trace == caller.trace) == isPropagating)
        var carrier: [String: String] = [:]
        tracer.inject(span.context, into: &carrier, using: Fields())
        #expect(carrier == (isPropagating ? ["traceparent": span.trace.traceparent] : [:]))
    }

    @Test(
        "the sampler decides on what begins here, and on what comes from elsewhere where it follows no parent",
        arguments: [
            (TraceSampler(.always), true, true, false), (TraceSampler(.never), false, true, false),
            (TraceSampler(.always, followsParent: false), true, true, true),
            (TraceSampler(.never, followsParent: false), false, false, false),
            (TraceSampler(.ratio(1)), true, true, false), (TraceSampler(.ratio(0)), false, true, false),
        ]
    )
    func sampling(sampler: TraceSampler, root: Bool, sampled: Bool, unsampled: Bool) throws {
        let tracer = SpanTracer(queue: queue, sampler: sampler)
        #expect(tracer.begin("request").isRecording == root)
        #expect(tracer.begin("request", under: try parent(isSampled: true)).isRecording == sampled)
        #expect(tracer.begin("request", under: try parent(isSampled: false)).isRecording == unsampled)
    }

    @Test("a ratio is that of the traces, and all spans of one have the same fate")
    func ratio() {
        let tracer = SpanTracer(queue: SpanQueue(capacity: 1, batch: 1), sampler: TraceSampler(.ratio(0.1)))
        let spans = (0..<20_000).map { _ in tracer.begin("request") }
        let count = spans.count { $0.isRecording }
        // Ten standard deviations.
        #expect((1576...2424).contains(count))
        let again = SpanTracer(queue: queue, sampler: TraceSampler(.ratio(0.1), followsParent: false))
        #expect(spans.allSatisfy { again.begin("other", under: $0.trace).isRecording == $0.isRecording })
    }
}

@Suite("SpanQueue", .timeLimit(.minutes(5)))
struct SpanQueueTests {
    @Test("what has no room is dropped and counted")
    func bound() {
        let queue = SpanQueue(capacity: 3, batch: 2)
        let tracer = SpanTracer(queue: queue)
        for name in ["a", "b", "c", "d", "e"] { tracer.begin(name).end() }
        #expect(queue.waiting == 3)
        #expect(queue.counts == SpanCounts(exported: 0, dropped: 2, failed: 0))
        #expect(queue.take().map(\.name) == ["a", "b"])
        queue.ended(exported: 1, failed: 1)
        tracer.begin("f").end()
        #expect(queue.take().map(\.name) == ["c", "f"])
        #expect(queue.take().isEmpty)
        #expect(queue.counts == SpanCounts(exported: 1, dropped: 2, failed: 1))
    }

    @Test("a full batch calls for the exporter, and so does who wakes it, until it is closed")
    func calls() async {
        let queue = SpanQueue(capacity: 10, batch: 2)
        let tracer = SpanTracer(queue: queue)
        var calls = queue.calls.makeAsyncIterator()
        for _ in 0..<2 { tracer.begin("span").end() }
        #expect(await calls.next() != nil)
        queue.wake()
        queue.wake()
        #expect(await calls.next() != nil)
        queue.close()
        #expect(await calls.next() == nil)
    }

    @Test("what is left at the end is given up, and nothing more is taken")
    func end() {
        let queue = SpanQueue(capacity: 10, batch: 10)
        let tracer = SpanTracer(queue: queue)
        tracer.begin("left").end()
        queue.abandon()
        tracer.begin("late").end()
        #expect(queue.waiting == 0)
        #expect(queue.counts == SpanCounts(exported: 0, dropped: 1, failed: 1))
    }
}
