import HTTPTypes
import InMemoryLogging
import Logging
import NIOCore
import ServiceLifecycle
import Settings
import TestSupport
import Testing
import Traces
import Transport

@testable import Telemetry

/// An exporter with a collector that a test plays.
private struct Bench: Sendable {
    let queue: SpanQueue
    let tracer: SpanTracer
    let clock = ManualClock()
    let transport: ScriptedTransport
    let log: InMemoryLogHandler
    private let group: ServiceGroup

    init(
        capacity: Int = 100,
        batch: Int = 2,
        _ settings: [String: String] = [:],
        answer: @escaping ScriptedTransport.Answer = { _, _ in .json(.ok, "{}") }
    ) throws {
        queue = SpanQueue(capacity: capacity, batch: batch)
        tracer = SpanTracer(queue: queue)
        transport = ScriptedTransport(answer)
        let handler = InMemoryLogHandler()
        log = handler
        let logger = Logger(label: "test") { _ in handler }
        let reader = SettingsReader(environment: settings)
        let exporter = SpanExporter(
            to: try UpstreamURL("http://collector:4318/v1/traces", allowingPlainHTTP: true),
            TraceConfiguration(reader),
            queue: queue,
            transport: transport,
            clock: clock,
            jitter: { 1 },
            logger: logger
        )
        try reader.finish()
        group = ServiceGroup(
            configuration: .init(services: [exporter], logger: Logger(label: "group") { _ in handler })
        )
    }

    func add(_ count: Int = 2) { for _ in 0..<count { tracer.begin("span").end() } }

    /// Runs the exporter while `body` lasts, and ends it in order.
    func run(_ body: @Sendable () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Runs it until ``end()``, or until the task is cancelled, as the service's is where the end is in a hurry.
    func run() async throws { try await group.run() }

    func end() async { await group.triggerGracefulShutdown() }

    /// Waits until so many spans have come to their end, one way or another.
    func settled(_ count: Int) async {
        while queue.counts.exported + queue.counts.failed + queue.counts.dropped < count, !Task.isCancelled {
            await Task.yield()
        }
    }

    func requested(_ count: Int) async {
        while transport.requests.count < count, !Task.isCancelled { await Task.yield() }
    }

    var messages: [String] { log.entries.map(\.message.description).filter { $0.contains("collector") } }
}

@Suite("SpanExporter", .timeLimit(.minutes(5)))
struct SpanExporterTests {
    @Test("a full batch is sent at once, and an odd span after the delay")
    func batches() async throws {
        let bench = try Bench()
        try await bench.run {
            bench.add(2)
            await bench.settled(2)
            bench.add(1)
            await bench.clock.waitForSleepers()
            #expect(bench.transport.requests.count == 1)
            bench.clock.advance(by: .seconds(5))
            await bench.settled(3)
        }
        #expect(bench.transport.requests.count == 2)
        #expect(bench.queue.counts == SpanCounts(exported: 3))
        #expect(bench.messages == [])
    }

    @Test("a request is as the protocol has it, with the fields that were set")
    func request() async throws {
        let bench = try Bench([
            "OTEL_EXPORTER_OTLP_HEADERS": "api-key=secret,content-type=text/plain",
            "OTEL_EXPORTER_OTLP_TIMEOUT": "1500",
        ])
        try await bench.run {
            bench.add()
            await bench.settled(2)
        }
        let request = try #require(bench.transport.requests.first)
        #expect(request.method == .post)
        #expect(request.url.description == "http://collector:4318/v1/traces")
        #expect(request.fields == [.init("api-key")!: "secret", .contentType: "application/json"])
        #expect(request.deadline == bench.clock.now.advanced(by: .milliseconds(1500)))
    }

    @Test(
        "what passes is sent again, after the pause that is asked for or one of our own",
        arguments: [429, 502, 503, 504]
    )
    func again(status: Int) async throws {
        let bench = try Bench { _, number in
            switch number {
            case 0: .json(.init(code: status), "", fields: [.retryAfter: "7"])
            case 1: .json(.init(code: status), "")
            default: .json(.ok, "{}")
            }
        }
        try await bench.run {
            bench.add()
            for (count, pause) in [(1, 7), (2, 2)] {
                await bench.requested(count)
                await bench.clock.waitForSleepers(2)
                #expect(bench.clock.sleeps.contains(.seconds(pause)))
                bench.clock.advance(by: .seconds(pause))
            }
            await bench.settled(2)
        }
        #expect(bench.queue.counts == SpanCounts(exported: 2))
        // It was not away for long enough for anybody to be told.
        #expect(bench.messages == [])
    }

    @Test("what does not pass is not sent again", arguments: [301, 400, 401, 403, 404, 413, 500, 501, 505])
    func final(status: Int) async throws {
        let bench = try Bench { _, _ in .json(.init(code: status), "") }
        try await bench.run {
            bench.add()
            await bench.settled(2)
            bench.add()
            await bench.settled(4)
        }
        #expect(bench.transport.requests.count == 2)
        #expect(bench.queue.counts == SpanCounts(failed: 4))
        #expect(bench.messages == ["The collector takes no spans; they are given up until it does"])
    }

    @Test("a batch is given up after the last pause, or when its time is over")
    func givingUp() async throws {
        let bench = try Bench { _, _ throws(TransportError) in
            throw TransportError(.connectFailed, delivery: .notSent, detail: "refused")
        }
        try await bench.run {
            bench.add()
            for (count, pause) in [(1, 1), (2, 2), (3, 4)] {
                await bench.requested(count)
                await bench.clock.waitForSleepers(2)
                bench.clock.advance(by: .seconds(pause))
            }
            await bench.settled(2)
        }
        #expect(bench.transport.requests.count == 4)
        let short = try Bench(["OTEL_BSP_EXPORT_TIMEOUT": "2500"]) { _, _ in .json(.badGateway, "") }
        try await short.run {
            short.add()
            await short.requested(1)
            await short.clock.waitForSleepers(2)
            short.clock.advance(by: .seconds(1))
            // The next pause would end after it.
            await short.settled(2)
        }
        #expect(short.transport.requests.count == 2)
        #expect(short.transport.requests.last?.deadline == short.clock.now.advanced(by: .milliseconds(1500)))
    }

    @Test("a pause that is asked for holds for what comes next, too")
    func held() async throws {
        let bench = try Bench { _, number in
            number == 0 ? .json(.tooManyRequests, "", fields: [.retryAfter: "60"]) : .json(.ok, "{}")
        }
        try await bench.run {
            bench.add()
            await bench.settled(2)
            bench.add()
            await bench.clock.waitForSleepers()
            for _ in 0..<11 {
                bench.clock.advance(by: .seconds(5))
                await bench.clock.waitForSleepers()
            }
            #expect(bench.transport.requests.count == 1)
            bench.clock.advance(by: .seconds(5))
            await bench.settled(4)
        }
        #expect(bench.queue.counts == SpanCounts(exported: 2, failed: 2))
    }

    @Test("that the collector is away and back is told once each, not for each batch")
    func report() async throws {
        let bench = try Bench { _, number in .json(number < 3 || number == 5 ? .internalServerError : .ok, "{}") }
        try await bench.run {
            for count in 1...6 {
                bench.add()
                await bench.settled(2 * count)
            }
        }
        let (away, back) = (
            "The collector takes no spans; they are given up until it does", "The collector takes spans again"
        )
        #expect(bench.messages == [away, back, away])
        #expect(bench.log.entries.first { $0.message.description == back }?.metadata["spans.lost"] == "6")
    }

    @Test("what was lost while it was away is what it did not take and what found no room")
    func lost() async throws {
        let (release, releases) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(capacity: 2) { _, number throws(TransportError) in
            if number == 0 { for await _ in release {} }
            return .json(number == 0 ? .internalServerError : .ok, "{}")
        }
        try await bench.run {
            bench.add()
            await bench.requested(1)
            bench.add(5)
            releases.finish()
            await bench.settled(7)
        }
        #expect(bench.queue.counts == SpanCounts(exported: 2, dropped: 3, failed: 2))
        let back = bench.log.entries.first { $0.message.description == "The collector takes spans again" }
        #expect(back?.metadata["spans.lost"] == "5")
    }

    @Test("spans that the collector did not take count as failed, and that is told once, without its words")
    func partialSuccess() async throws {
        // What a collector may say: a part of a field that it was sent, or where it was sent to.
        let bench = try Bench(["OTEL_EXPORTER_OTLP_HEADERS": "authorization=Bearer canary"]) { _, number in
            switch number {
            case 0: .json(.ok, #"{"partialSuccess":{"rejectedSpans":"1","errorMessage":"unknown key canary"}}"#)
            case 1: .json(.ok, #"{"partialSuccess":{"rejectedSpans":2,"errorMessage":"POST /in?key=canary"}}"#)
            case 2: .json(.ok, #"{"partialSuccess":{}}"#)
            case 3: .json(.ok, #"{"partialSuccess":{"rejectedSpans":"7","errorMessage":"canary"}}"#)
            case 4: .json(.badRequest, #"{"message":"canary"}"#)
            default: .json(.ok, "no JSON")
            }
        }
        try await bench.run {
            for count in 1...6 {
                bench.add()
                await bench.settled(2 * count)
            }
        }
        #expect(bench.queue.counts == SpanCounts(exported: 5, failed: 7))
        let entries = bench.log.entries.filter { $0.message.description == "The collector does not take all spans" }
        #expect(entries.map { $0.metadata["spans.rejected"]?.description } == ["1", "2"])
        #expect(!bench.log.entries.contains { "\($0.message) \($0.metadata)".contains("canary") })
    }

    @Test("who ends a span does not wait for a collector that is slow: there is a bound, and the rest is dropped")
    func slow() async throws {
        let (release, releases) = AsyncStream.makeStream(of: Void.self)
        let bench = try Bench(capacity: 10) { _, number throws(TransportError) in
            if number == 0 { for await _ in release {} }
            return .json(.ok, "{}")
        }
        try await bench.run {
            bench.add()
            await bench.requested(1)
            bench.add(500)
            #expect(bench.queue.waiting == 10)
            #expect(bench.queue.counts == SpanCounts(dropped: 490))
            releases.finish()
            await bench.settled(502)
        }
        #expect(bench.queue.counts == SpanCounts(exported: 12, dropped: 490))
    }

    @Test("at the end what is there is sent, once and without pauses")
    func end() async throws {
        let bench = try Bench()
        try await bench.run { bench.add(5) }
        #expect(bench.queue.counts == SpanCounts(exported: 5))
        #expect(bench.queue.waiting == 0)
        let away = try Bench { _, _ in .json(.serviceUnavailable, "", fields: [.retryAfter: "60"]) }
        try await away.run {
            away.add()
            await away.requested(1)
            away.add(3)
        }
        #expect(away.queue.counts == SpanCounts(failed: 5))
        #expect(away.transport.requests.count <= 3)
    }

    @Test("a collector that answers nothing holds up the end for no longer than its limit")
    func endLimit() async throws {
        let bench = try Bench { _, _ throws(TransportError) in
            // Until it is cancelled.
            for await _ in AsyncStream<Void>.makeStream().stream {}
            throw TransportError(.cancelled, delivery: .unknown, detail: "cancelled")
        }
        try await bench.run {
            bench.add(5)
            await bench.requested(1)
            Task {
                // The delay of the batches, and the limit.
                await bench.clock.waitForSleepers(2)
                bench.clock.advance(by: SpanExporter.endLimit)
            }
        }
        #expect(bench.queue.counts == SpanCounts(failed: 5))
        #expect(bench.transport.requests.count == 1)
    }

    @Test(
        "who is in a hurry does not wait so long for it, but for what a collector takes that is there",
        arguments: [false, true]
    )
    func hastened(isEnding: Bool) async throws {
        let bench = try Bench { _, number throws(TransportError) in
            guard number > 0 else { return .json(.ok, "{}") }
            for await _ in AsyncStream<Void>.makeStream().stream {}
            throw TransportError(.cancelled, delivery: .unknown, detail: "cancelled")
        }
        let service = Task { try await bench.run() }
        bench.add(2)
        await bench.settled(2)
        bench.add(2)
        await bench.requested(2)
        // Who sleeps is the delay of the batches, and each limit.
        if isEnding {
            await bench.end()
            await bench.clock.waitForSleepers(2)
        }
        service.cancel()
        await bench.clock.waitForSleepers(3)
        bench.clock.advance(by: SpanExporter.hastenedLimit)
        _ = await service.result
        #expect(bench.queue.counts == SpanCounts(exported: 2, failed: 2))
    }
}
