import Dispatch
import Logging
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import TestSupport
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

    @Test(
        "one that is stuck is named once it owes a turn for the limit, and once by the log; it is alive again when it turns"
    )
    func stuck() async throws {
        let held = HeldLoop()
        let clock = ManualClock()
        let gateway = Gateway(loops: [held.watched(as: "held")], clock: clock)
        #expect(try await gateway.manage("/livez").status == 200)
        try await held.group.next().submit {}.get()
        held.hold()
        // It is asked now, and owes its turn from here on.
        #expect(try await gateway.manage("/livez").status == 200)
        clock.advance(by: LoopWatch.limit - .seconds(1))
        #expect(try await gateway.manage("/livez").status == 200)
        clock.advance(by: .seconds(1))
        for _ in 0..<2 {
            let answer = try await gateway.manage("/livez")
            #expect(answer.status == 503)
            let expected = Health(status: "stuck", loops: [.init(name: "held", stuckForSeconds: 10)])
            #expect(try answer.decoded(Health.self) == expected)
        }
        #expect(gateway.lines("A loop does not turn any more") == [["loops": "held"]])
        held.letGo()
        try await held.group.next().submit {}.get()
        #expect(try await gateway.manage("/livez").status == 200)
        #expect(gateway.lines("All loops turn again").count == 1)
        try await held.group.shutdownGracefully()
    }

    @Test("a loop that is slow, and turns between two looks, is never stuck")
    func slow() {
        let clock = ManualClock()
        let owed = NIOLockedValueBox<(@Sendable () -> Void)?>(nil)
        let watch = LoopWatch(
            [LoopWatch.Loop(name: "slow") { done in owed.withLockedValue { $0 = done } }],
            clock: clock,
            logger: Self.silent
        )
        for _ in 0..<5 {
            #expect(watch.stuck() == [])
            clock.advance(by: LoopWatch.limit - .milliseconds(1))
            owed.withLockedValue { $0 }?()
        }
    }

    @Test("however often it is asked, a loop that is stuck has one thing to do")
    func once() {
        let clock = ManualClock()
        let asked = NIOLockedValueBox(0)
        let watch = LoopWatch(
            [LoopWatch.Loop(name: "silent") { _ in asked.withLockedValue { $0 += 1 } }],
            clock: clock,
            logger: Self.silent
        )
        for _ in 0..<5 {
            _ = watch.stuck()
            clock.advance(by: .seconds(5))
        }
        #expect(watch.stuck() == [LoopWatch.Stuck(name: "silent", time: .seconds(25))])
        #expect(asked.withLockedValue { $0 } == 1)
    }

    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}
