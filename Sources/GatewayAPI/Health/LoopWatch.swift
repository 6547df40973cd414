package import Logging
import NIOCore
import NIOPosix
import Synchronization
package import Transport

/// Looks whether the loops that all work runs on still turn.
///
/// At each look a loop is asked to do something, unless it still owes that from a look before. One that owes it for ``limit`` is stuck:
/// what waits for it waits without end, and a restart alone helps. So the first look finds nothing, and the next one after the limit
/// does; a loop that is only busy, on a machine that has too much to do, has turned by then.
package final class LoopWatch: Sendable {
    /// A loop, or a pool of threads.
    package struct Loop: Sendable {
        let name: String
        let enqueue: @Sendable (_ done: @escaping @Sendable () -> Void) -> Void

        /// - Parameters:
        ///   - name: from a list that does not grow.
        ///   - enqueue: has the loop call `done` in its turn, and does not wait for that.
        package init(name: String, enqueue: @escaping @Sendable (_ done: @escaping @Sendable () -> Void) -> Void) {
            self.name = name
            self.enqueue = enqueue
        }
    }

    struct Stuck: Sendable, Equatable {
        let name: String
        let time: Duration
    }

    /// Many times what a turn takes under any load that callers are still served at: a restart makes a load worse.
    package static let limit = Duration.seconds(10)

    private struct State {
        /// Since when each loop owes an answer; `nil` where it owes none. So it is asked once, however long it is stuck.
        var owedSince: [ContinuousClock.Instant?]
        /// Which ones the log has last named.
        var named: [String] = []
    }

    private let loops: [Loop]
    private let limit: Duration
    private let clock: any MonotonicClock
    private let logger: Logger
    private let state: Mutex<State>

    package init(
        _ loops: [Loop],
        limit: Duration = LoopWatch.limit,
        clock: any MonotonicClock = ContinuousClock(),
        logger: Logger
    ) {
        self.loops = loops
        self.limit = limit
        self.clock = clock
        self.logger = logger
        state = Mutex(State(owedSince: loops.map { _ in nil }))
    }

    /// The loops of the callers' connections, and the threads that tasks run on.
    package static var common: [Loop] {
        MultiThreadedEventLoopGroup.singleton.makeIterator().enumerated().map { index, loop in
            Loop(name: "event-loop-\(index)") { loop.execute($0) }
        } + [Loop(name: "tasks") { done in Task { done() } }]
    }

    /// Those that are stuck. Asks the others for another turn, and waits for nothing.
    func stuck() -> [Stuck] {
        let now = clock.now
        let (asked, stuck) = state.withLock { state -> ([Int], [Stuck]) in
            let asked = loops.indices.filter { state.owedSince[$0] == nil }
            for index in asked { state.owedSince[index] = now }
            let stuck = zip(loops, state.owedSince).compactMap { loop, since -> Stuck? in
                guard let since, now - since >= limit else { return nil }
                return Stuck(name: loop.name, time: now - since)
            }
            return (asked, stuck)
        }
        for index in asked {
            loops[index].enqueue { self.state.withLock { $0.owedSince[index] = nil } }
        }
        note(stuck)
        return stuck
    }

    /// Once for each change: after the restart that follows nobody else tells.
    private func note(_ stuck: [Stuck]) {
        let names = stuck.map(\.name)
        let isNews = state.withLock { state in
            defer { state.named = names }
            return state.named != names
        }
        guard isNews else { return }
        if names.isEmpty {
            logger.notice("All loops turn again")
        } else {
            logger.error("A loop does not turn any more", metadata: ["loops": "\(names.joined(separator: ", "))"])
        }
    }
}
