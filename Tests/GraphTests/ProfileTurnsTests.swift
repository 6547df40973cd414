import Synchronization
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("ProfileTurns", .timeLimit(.minutes(5)))
struct ProfileTurnsTests {
    private enum Failure: Error, Equatable { case refused(ProfileTurns.Refusal), body }

    private let clock = ManualClock()
    private let turns: ProfileTurns
    private var far: ContinuousClock.Instant { clock.now.advanced(by: .seconds(1_000_000)) }

    init() { turns = ProfileTurns(clock: clock) }

    private func turn(
        _ profile: ProfileReference = .example(),
        before deadline: ContinuousClock.Instant? = nil,
        _ body: @Sendable () async throws(Failure) -> Void = {}
    ) async throws(Failure) {
        try await turns.withTurn(of: profile, before: deadline ?? far, refused: Failure.refused) {
            () async throws(Failure) in try await body()
        }
    }

    /// Takes the turn, and keeps it until the gate opens.
    private func hold(_ profile: ProfileReference = .example(), until gate: Gate) async -> Task<Void, any Error> {
        let begun = Gate()
        let task = Task {
            try await turn(profile) {
                begun.open()
                await gate.wait()
            }
        }
        await begun.wait()
        return task
    }

    @Test("turns are given in order of arrival")
    func order() async throws {
        let gate = Gate()
        let holder = await hold(until: gate)
        let journal = Journal<Int>()
        var waiters: [Task<Void, any Error>] = []
        for number in 0..<50 {
            waiters.append(Task { try await turn { journal.add(number) } })
            await eventually { turns.queuedCount == number + 1 }
        }
        gate.open()
        try await holder.value
        for waiter in waiters { try await waiter.value }
        #expect(journal.entries == Array(0..<50))
        #expect(turns.busyCount == 0 && turns.waitingCount == 0)
    }

    @Test("different profiles do not wait for each other, nor do two kinds with one id")
    func different() async throws {
        let gate = Gate()
        let holder = await hold(until: gate)
        try await turn(.example(number: 1))
        try await turn(.example(.deviceOwner))
        #expect(turns.busyCount == 1)
        gate.open()
        try await holder.value
        #expect(turns.busyCount == 0)
    }

    @Test("a waiter's deadline ends its own wait, and nobody else's")
    func deadline() async throws {
        let gate = Gate()
        let holder = await hold(until: gate)
        let hasty = Task { try await turn(before: clock.now.advanced(by: .seconds(5))) }
        let patient = Task { try await turn() }
        await clock.waitForSleepers(2)
        clock.advance(by: .seconds(5))
        await #expect(throws: Failure.refused(.busy)) { try await hasty.value }
        gate.open()
        try await holder.value
        try await patient.value
        #expect(turns.busyCount == 0 && turns.waitingCount == 0)
    }

    @Test("a deadline that has passed gets a free turn, but waits for none")
    func passedDeadline() async throws {
        let past = clock.now.advanced(by: .seconds(-1))
        try await turn(before: past)
        let gate = Gate()
        let holder = await hold(until: gate)
        await #expect(throws: Failure.refused(.busy)) { try await turn(before: past) }
        gate.open()
        try await holder.value
        #expect(turns.busyCount == 0 && turns.waitingCount == 0)
    }

    @Test("a task that is cancelled before it waits, or while it does, gives its place up")
    func cancellation() async throws {
        let gate = Gate()
        let holder = await hold(until: gate)
        let before = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await turn()
        }
        await #expect(throws: Failure.refused(.cancelled)) { try await before.value }
        let during = Task { try await turn() }
        await clock.waitForSleepers(1)
        during.cancel()
        await #expect(throws: Failure.refused(.cancelled)) { try await during.value }
        gate.open()
        try await holder.value
        try await turn()
        #expect(turns.busyCount == 0 && turns.waitingCount == 0)
    }

    @Test("a task that is cancelled inside its turn keeps it until it is done")
    func cancelledInside() async throws {
        let gate = Gate()
        let first = await hold(until: Gate.opened)
        try await first.value
        let holder = await hold(until: gate)
        holder.cancel()
        let next = Task { try await turn() }
        await clock.waitForSleepers(1)
        #expect(turns.busyCount == 1)
        gate.open()
        try await holder.value
        try await next.value
        #expect(turns.busyCount == 0)
    }

    @Test("a turn that fails is a turn that ends")
    func failure() async throws {
        await #expect(throws: Failure.body) { try await turn { () async throws(Failure) in throw .body } }
        try await turn()
        #expect(turns.busyCount == 0)
    }

    @Test("no more than so many wait for one profile; the next one hears so at once")
    func longestQueue() async throws {
        let gate = Gate()
        let holder = await hold(until: gate)
        let waiters = (0..<ProfileTurns.longestQueue).map { _ in Task { try await turn() } }
        await eventually { turns.queuedCount == ProfileTurns.longestQueue }
        await #expect(throws: Failure.refused(.busy)) { try await turn() }
        try await turn(.example(number: 1))
        gate.open()
        try await holder.value
        for waiter in waiters { try await waiter.value }
        #expect(turns.busyCount == 0 && turns.waitingCount == 0)
    }

    @Test("after thousands of turns, refusals and cancellations nothing is left, and no two held one profile at a time")
    func stress() async {
        let occupancy = Occupancy()
        let done = Journal<Int>()
        let operations = 5000
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<operations {
                let profile = ProfileReference.example(number: number % 7)
                let deadline = clock.now.advanced(by: .milliseconds(Int.random(in: 0...400)))
                let yields = Int.random(in: 0...3)
                let inner = Task {
                    try await turn(profile, before: deadline) {
                        occupancy.enter(profile)
                        for _ in 0..<yields { await Task.yield() }
                        occupancy.leave(profile)
                    }
                }
                group.addTask {
                    if number % 3 == 0 { inner.cancel() }
                    _ = await inner.result
                    done.add(number)
                }
            }
            group.addTask {
                while done.count < operations {
                    clock.advance(by: .milliseconds(1))
                    await Task.yield()
                }
            }
        }
        #expect(occupancy.overlaps == 0)
        #expect(occupancy.entries > 7)
        #expect(turns.busyCount == 0 && turns.waitingCount == 0)
    }
}

/// Who is where, and whether two ever were in one place.
private final class Occupancy: Sendable {
    private struct State {
        var inside: Set<ProfileReference> = []
        var overlaps = 0
        var entries = 0
    }

    private let state = Mutex(State())
    var overlaps: Int { state.withLock(\.overlaps) }
    var entries: Int { state.withLock(\.entries) }

    func enter(_ profile: ProfileReference) {
        state.withLock {
            $0.entries += 1
            if !$0.inside.insert(profile).inserted { $0.overlaps += 1 }
        }
    }

    func leave(_ profile: ProfileReference) { state.withLock { _ = $0.inside.remove(profile) } }
}

extension Gate {
    fileprivate static var opened: Gate {
        let gate = Gate()
        gate.open()
        return gate
    }
}
