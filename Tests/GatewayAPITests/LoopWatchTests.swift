import Dispatch
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import Testing

@testable import GatewayAPI

@Suite("Whether the loops turn", .timeLimit(.minutes(5)))
struct LoopWatchTests {
    private struct Health: Decodable, Equatable {
        struct Loop: Decodable, Equatable {
            var name: String
            var stuckForSeconds: Int
        }
        var status: String
        var loops: [Loop]?
    }

    /// A loop that does nothing until it is let go.
    private struct HeldLoop {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        private let gate = DispatchSemaphore(value: 0)

        func hold() { group.next().execute { [gate] in gate.wait() } }

        func letGo() { gate.signal() }

        func watched(as name: String) -> LoopWatch.Loop {
            let loop = group.next()
            return .init(name: name) { loop.execute($0) }
        }
    }

    @Test("the gateway's own turn")
    func common() async throws {
        let names = LoopWatch.common.map(\.name)
        #expect(names.contains("event-loop-0") && names.contains("tasks"))
        #expect(names.count == MultiThreadedEventLoopGroup.singleton.makeIterator().reduce(1) { count, _ in count + 1 })
        let answer = try await Gateway().manage("/livez")
        #expect(answer.status == 200)
        #expect(try answer.decoded(Health.self) == Health(status: "alive", loops: nil))
    }

    @Test("one that is stuck is named, by /livez and once by the log, and is alive again when it turns")
    func stuck() async throws {
        let held = HeldLoop()
        let gateway = Gateway(loops: LoopWatch.common + [held.watched(as: "held")])
        #expect(try await gateway.manage("/livez").status == 200)
        held.hold()
        for _ in 0..<2 {
            let start = ContinuousClock.now
            let answer = try await gateway.manage("/livez")
            // A second look knows already.
            #expect(ContinuousClock.now - start < .seconds(30))
            #expect(answer.status == 503)
            let health = try answer.decoded(Health.self)
            #expect(health.status == "stuck")
            #expect(health.loops?.map(\.name) == ["held"])
            #expect(health.loops?.allSatisfy { $0.stuckForSeconds >= 2 } == true)
        }
        #expect(gateway.lines("A loop does not turn any more") == [["loops": "held"]])
        held.letGo()
        try await held.group.next().submit {}.get()
        #expect(try await gateway.manage("/livez").status == 200)
        #expect(gateway.lines("All loops turn again").count == 1)
        try await held.group.shutdownGracefully()
    }

    @Test("however often it is asked, a loop that is stuck has one thing to do")
    func once() async throws {
        let asked = NIOLockedValueBox(0)
        let watch = LoopWatch(
            [LoopWatch.Loop(name: "silent") { _ in asked.withLockedValue { $0 += 1 } }],
            timer: MultiThreadedEventLoopGroup.singleton.next(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<5 { group.addTask { #expect(await watch.stuck().map(\.name) == ["silent"]) } }
        }
        #expect(await watch.stuck().map(\.name) == ["silent"])
        #expect(asked.withLockedValue { $0 } == 1)
    }
}
