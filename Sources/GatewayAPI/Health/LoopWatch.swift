package import Logging
package import NIOCore
import NIOPosix
import Synchronization
import Transport

/// Looks whether the loops that all work runs on still turn.
///
/// Each is asked to do something. One that has not done it after ``limit`` is stuck: what waits for it waits without end, and a
/// restart alone helps.
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

    /// More than a turn takes under any load that callers are still served at.
    static let limit = Duration.seconds(2)

    private struct State {
        /// Since when each loop owes an answer; `nil` where it owes none. So it is asked once, however long it is stuck.
        var owedSince: [ContinuousClock.Instant?]
        var waiting: [Int: EventLoopPromise<[Stuck]>] = [:]
        var lastID = 0
        /// Which ones the log has last named.
        var named: [String] = []
    }

    private let loops: [Loop]
    /// Keeps the time: none of the loops that are looked at.
    private let timer: any EventLoop
    private let logger: Logger
    private let state: Mutex<State>

    package init(_ loops: [Loop], timer: any EventLoop, logger: Logger) {
        self.loops = loops
        self.timer = timer
        self.logger = logger
        state = Mutex(State(owedSince: loops.map { _ in nil }))
    }

    /// The loops of the callers' connections, and the threads that tasks run on.
    package static var common: [Loop] {
        MultiThreadedEventLoopGroup.singleton.makeIterator().enumerated().map { index, loop in
            Loop(name: "event-loop-\(index)") { loop.execute($0) }
        } + [Loop(name: "tasks") { done in Task { done() } }]
    }

    /// Those that are stuck, after ``limit`` at the latest; at once where all answer, or where it is known already.
    func stuck() async -> [Stuck] {
        let promise = timer.makePromise(of: [Stuck].self)
        let (id, asked) = enter(promise)
        for index in asked { loops[index].enqueue { self.answered(index) } }
        if let id { timer.scheduleTask(in: TimeAmount(Self.limit)) { self.leave(id) } }
        let stuck = (try? await promise.futureResult.get()) ?? []
        note(stuck)
        return stuck
    }

    private func enter(_ promise: EventLoopPromise<[Stuck]>) -> (id: Int?, asked: [Int]) {
        let now = ContinuousClock.now
        let (id, asked, known) = state.withLock { state -> (Int?, [Int], [Stuck]) in
            let asked = loops.indices.filter { state.owedSince[$0] == nil }
            for index in asked { state.owedSince[index] = now }
            let known = self.stuck(state, at: now)
            guard known.isEmpty, !loops.isEmpty else { return (nil, asked, known) }
            state.lastID += 1
            state.waiting[state.lastID] = promise
            return (state.lastID, asked, [])
        }
        if id == nil { promise.succeed(known) }
        return (id, asked)
    }

    private func answered(_ index: Int) {
        let done = state.withLock { state -> [EventLoopPromise<[Stuck]>] in
            state.owedSince[index] = nil
            guard state.owedSince.allSatisfy({ $0 == nil }) else { return [] }
            defer { state.waiting = [:] }
            return Array(state.waiting.values)
        }
        for promise in done { promise.succeed([]) }
    }

    /// The time of a look is over.
    private func leave(_ id: Int) {
        let now = ContinuousClock.now
        let (promise, stuck) = state.withLock { ($0.waiting.removeValue(forKey: id), self.stuck($0, at: now)) }
        promise?.succeed(stuck)
    }

    private func stuck(_ state: State, at now: ContinuousClock.Instant) -> [Stuck] {
        zip(loops, state.owedSince).compactMap { loop, since in
            guard let since, now - since >= Self.limit else { return nil }
            return Stuck(name: loop.name, time: now - since)
        }
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
