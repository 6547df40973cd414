import HTTPTypes
import Settings
import Telemetry
import TestSupport
import Testing
import Traces
import Transport

@testable import Graph

/// What is waited for between two requests to Graph, as an operator sees it.
@Suite("Pauses before Graph is asked once more", .timeLimit(.minutes(5)))
struct PauseTests {
    struct Scene: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var pauses: Int
        var creates: [FakeGraph.Create] = []
        var reads: [FakeGraph.Read] = []
        /// What is done before anything is watched.
        var before: @Sendable (Bench) async -> Void = { _ in }
        var act: @Sendable (Bench) async throws -> Void
    }

    private static let scenes = [
        Scene(
            testDescription: "a creation that is throttled",
            pauses: 1,
            creates: [.answers(.status(429, [.retryAfter: "2"]))]
        ) { _ = await $0.create() },
        Scene(
            testDescription: "a read that fails",
            pauses: 2,
            reads: [.answers(.status(500)), .answers(.status(500))]
        ) { _ = await $0.create() },
        Scene(
            testDescription: "reading back",
            pauses: 2,
            creates: [.acting(.answers(.status(503)))],
            reads: [.truth, .old, .old]
        ) { _ = await $0.create() },
        Scene(
            testDescription: "the representation",
            pauses: 3,
            reads: [.truth, .old, .old, .old],
            before: { bench in
                let end = bench.graph.now + .seconds(3600)
                bench.graph.show(.init(value: "before", createdAt: bench.graph.now, expiresAt: end))
            },
            act: { _ = await $0.mint() }
        ),
        Scene(
            testDescription: "a token to be reused that is not shown yet",
            pauses: 2,
            before: { bench in
                await bench.becomeKnown(ago: .seconds(1))
                bench.graph.script(reads: [.old, .old, .old])
            },
            act: { _ = await $0.mint(TokenOrder(validityInSeconds: 3600, reuseIfValidFor: .seconds(60))) }
        ),
        Scene(
            testDescription: "a revocation that is repeated",
            pauses: 2,
            creates: [.fails(.reset), .fails(.reset)]
        ) { _ = await $0.revoke() },
        Scene(
            testDescription: "a token to be shown that is not shown yet",
            pauses: 2,
            before: { bench in
                await bench.becomeKnown(ago: .seconds(1))
                bench.graph.script(reads: [.old, .old])
            },
            act: { _ = await $0.read() }
        ),
        Scene(
            testDescription: "what was sent some time ago",
            pauses: 3,
            act: { bench in
                let write = SentWrite(
                    profile: bench.profile,
                    kind: .creation(validity: .seconds(3600)),
                    facts: bench.tokens.sendFacts(replacing: .unknown),
                    work: .seconds(30),
                    settled: bench.clock.now.advanced(by: .seconds(3)),
                    neighbours: []
                )
                _ = try await bench.tokens.settle(write, before: bench.clock.now.advanced(by: .seconds(15)))
            }
        ),
    ]

    @Test("each is a span of the request's, and measured", arguments: scenes)
    func pauses(scene: Scene) async throws {
        let registry = MetricsRegistry([])
        let queue = SpanQueue(capacity: 100, batch: 100)
        let bench = Bench(creates: scene.creates, reads: scene.reads, metrics: GraphMetrics(registry))
        await scene.before(bench)
        let request = SpanTracer(queue: queue).begin("request")
        try await request.surround { try await scene.act(bench) }
        let pauses = queue.take().filter { $0.name == "pause" }
        #expect(pauses.count == scene.pauses)
        #expect(pauses.allSatisfy { $0.parent == request.trace.span })
        let text = await registry.read().text
        #expect(text.contains("gateway_wait_duration_seconds_count{step=\"pause\"} \(scene.pauses)\n"), "\(text)")
    }

    @Test("how long it was is measured")
    func duration() async {
        let registry = MetricsRegistry([])
        let bench = Bench(
            creates: [.answers(.status(429, [.retryAfter: "2"]))],
            metrics: GraphMetrics(registry)
        )
        _ = await bench.create()
        let text = await registry.read().text
        #expect(text.contains("gateway_wait_duration_seconds_sum{step=\"pause\"} 2\n"), "\(text)")
    }
}
