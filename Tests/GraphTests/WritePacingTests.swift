import Synchronization
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("WritePacing", .timeLimit(.minutes(5)))
struct WritePacingTests {
    private static let single = WriteLimit(count: 1, interval: .seconds(20))
    private let limit = WriteLimit(count: 10, interval: .seconds(20))

    @Test("so many leave at once, the next ones a portion's interval later, in order")
    func interval() async throws {
        let clock = ManualClock(automatic: true)
        let pacing = WritePacing(limit: limit, clock: clock)
        let start = clock.now
        var times: [Double] = []
        for _ in 0..<12 {
            try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(1000)))
            times.append((clock.now - start).seconds)
        }
        #expect(times == [0, 0, 0, 0, 0, 10, 10, 10, 10, 10, 20, 20])
    }

    @Test("who cannot have a permit in time hears at once when, and uses none up")
    func refusal() async throws {
        let clock = ManualClock(automatic: true)
        let pacing = WritePacing(limit: Self.single, clock: clock)
        let start = clock.now
        try await pacing.permit(for: "portal", before: start)
        clock.advance(by: .seconds(5))
        for _ in 0..<10 {
            await #expect(throws: WritePacing.Refusal(retryAfter: .seconds(15))) {
                try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(19.9)))
            }
        }
        #expect(clock.sleeps.isEmpty)
        try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(20)))
        #expect(clock.now - start == .seconds(20))
    }

    @Test("a newcomer does not wait for what another caller asks too much")
    func fairness() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: limit, clock: clock)
        let far = clock.now.advanced(by: .seconds(1000))
        let left = Journal<String>()
        let greedy = (0..<20).map { _ in
            Task {
                try await pacing.permit(for: "greedy", before: far)
                left.add("greedy")
            }
        }
        await eventually { left.count == 5 && pacing.waitingCount == 15 }
        let modest = Task {
            try await pacing.permit(for: "modest", before: far)
            left.add("modest")
        }
        await eventually { pacing.waitingCount == 16 }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        try await modest.value
        await eventually { left.count == 10 && pacing.waitingCount == 11 }
        for _ in 0..<3 {
            await clock.waitForSleepers(1)
            clock.advance(by: .seconds(10))
        }
        for task in greedy { try await task.value }
        #expect(left.entries.count { $0 == "greedy" } == 20)
        #expect(pacing.waitingCount == 0)
    }

    @Test("who is pushed past its deadline hears so before its old turn, and leaves its place to others")
    func pushed() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: Self.single, clock: clock)
        let start = clock.now
        try await pacing.permit(for: "greedy", before: start)
        let hasty = Task { try await pacing.permit(for: "greedy", before: start.advanced(by: .seconds(25))) }
        await eventually { pacing.waitingCount == 1 }
        clock.advance(by: .seconds(5))
        let modest = Task { try await pacing.permit(for: "modest", before: start.advanced(by: .seconds(20))) }
        await #expect(throws: WritePacing.Refusal(retryAfter: .seconds(35))) { try await hasty.value }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(15))
        try await modest.value
        clock.advance(by: .seconds(20))
        try await pacing.permit(for: "portal", before: clock.now)
    }

    @Test("a closing holds back those who come, and a shorter one does not end it", arguments: [true, false])
    func closing(isLimited: Bool) async throws {
        let clock = ManualClock(automatic: true)
        let pacing = WritePacing(limit: isLimited ? limit : nil, clock: clock)
        let start = clock.now
        pacing.close(for: .seconds(30))
        pacing.close(for: .seconds(3))
        await #expect(throws: WritePacing.Refusal(retryAfter: .seconds(30))) {
            try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(29)))
        }
        try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(30)))
        #expect(clock.now - start == .seconds(30))
    }

    @Test("a closing holds back those who wait already", arguments: [true, false])
    func closingOfWaiters(isLimited: Bool) async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: isLimited ? Self.single : nil, clock: clock)
        let start = clock.now
        if isLimited { try await pacing.permit(for: "portal", before: start) } else { pacing.close(for: .seconds(20)) }
        let patient = Task {
            try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(100)))
            return clock.now - start
        }
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(10))
        pacing.close(for: .seconds(30))
        clock.advance(by: .seconds(10))
        await clock.waitForSleepers(1)
        clock.advance(by: .seconds(20))
        #expect(try await patient.value == .seconds(40))
    }

    @Test("who is put off past its deadline by a closing hears so at once, and leaves its place to others")
    func putOff() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: Self.single, clock: clock)
        let start = clock.now
        try await pacing.permit(for: "portal", before: start)
        let hasty = Task { try await pacing.permit(for: "portal", before: start.advanced(by: .seconds(25))) }
        await clock.waitForSleepers(1)
        pacing.close(for: .seconds(50))
        await #expect(throws: WritePacing.Refusal(retryAfter: .seconds(50))) { try await hasty.value }
        clock.advance(by: .seconds(50))
        try await pacing.permit(for: "portal", before: clock.now)
    }

    @Test("a cancelled waiter leaves its place to the next, who then leaves earlier")
    func cancellation() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: Self.single, clock: clock)
        let start = clock.now
        let far = start.advanced(by: .seconds(100))
        try await pacing.permit(for: "portal", before: start)
        let waiter = Task { try await pacing.permit(for: "portal", before: far) }
        await eventually { pacing.waitingCount == 1 }
        let next = Task { try await pacing.permit(for: "portal", before: far) }
        await eventually { pacing.waitingCount == 2 }
        await clock.waitForSleepers(1)
        waiter.cancel()
        await #expect(throws: WritePacing.Refusal(retryAfter: .zero)) { try await waiter.value }
        clock.advance(by: .seconds(20))
        try await next.value
        #expect(clock.now - start == .seconds(20))
    }

    @Test("a task that is cancelled before it asks waits for nothing, but takes what is free")
    func cancelledBefore() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: Self.single, clock: clock)
        let far = clock.now.advanced(by: .seconds(100))
        func ask() async throws {
            let task = Task {
                withUnsafeCurrentTask { $0?.cancel() }
                try await pacing.permit(for: "portal", before: far)
            }
            try await task.value
        }
        try await ask()
        await #expect(throws: WritePacing.Refusal(retryAfter: .zero)) { try await ask() }
        #expect(pacing.waitingCount == 0)
    }

    @Test("when all who waited have gone, the next one is served all the same")
    func abandoned() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: Self.single, clock: clock)
        let far = clock.now.advanced(by: .seconds(1000))
        try await pacing.permit(for: "portal", before: far)
        for _ in 0..<3 {
            let waiter = Task { try await pacing.permit(for: "portal", before: far) }
            await eventually { pacing.waitingCount == 1 }
            await clock.waitForSleepers(1)
            waiter.cancel()
            await #expect(throws: WritePacing.Refusal.self) { try await waiter.value }
        }
        // One alarm for all of them.
        #expect(clock.sleeps.count == 1)
        let last = Task { try await pacing.permit(for: "portal", before: far) }
        await eventually { pacing.waitingCount == 1 }
        clock.advance(by: .seconds(20))
        try await last.value
    }

    @Test("switched off, it lets everybody through")
    func off() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: nil, clock: clock)
        for _ in 0..<10_000 { try await pacing.permit(for: "portal", before: clock.now) }
        #expect(clock.sleeps.isEmpty)
    }

    @Test("of thousands that come, wait, are cancelled or closed out, each ends once and none is left")
    func stress() async {
        let clock = ManualClock()
        let limit = WriteLimit(count: 20, interval: .milliseconds(20))
        let pacing = WritePacing(limit: limit, clock: clock)
        let left = Journal<Int>()
        let ended = Journal<Int>()
        let refused = Journal<Duration>()
        let operations = 4000
        await withTaskGroup(of: Void.self) { group in
            for number in 0..<operations {
                let deadline = clock.now.advanced(by: .milliseconds(Int.random(in: 0...2500)))
                let inner = Task {
                    do throws(WritePacing.Refusal) {
                        try await pacing.permit(for: "caller \(number % 7)", before: deadline)
                        left.add(number)
                    } catch {
                        refused.add(error.retryAfter)
                    }
                }
                group.addTask {
                    if number % 5 == 0 { inner.cancel() }
                    if number % 500 == 0 { pacing.close(for: .milliseconds(30)) }
                    await inner.value
                    ended.add(number)
                }
            }
            group.addTask {
                while ended.count < operations {
                    clock.advance(by: .milliseconds(1))
                    await Task.yield()
                }
            }
        }
        #expect(left.count + refused.count == operations)
        #expect(left.count > limit.count && refused.entries.contains(.zero) && refused.entries.contains { $0 > .zero })
        #expect(pacing.waitingCount == 0)
    }
}
