import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("WritePacing", .timeLimit(.minutes(1)))
struct WritePacingTests {
    private let limit = WriteLimit(count: 2, interval: .seconds(20))

    @Test("so many leave at once, the next ones an interval later, in order")
    func interval() async throws {
        let clock = ManualClock(automatic: true)
        let pacing = WritePacing(limit: limit, clock: clock)
        let start = clock.now
        var times: [Double] = []
        for _ in 0..<7 {
            try await pacing.permit(before: start.advanced(by: .seconds(1000)))
            times.append((clock.now - start).seconds)
        }
        #expect(times == [0, 0, 20, 20, 40, 40, 60])
    }

    @Test("who cannot have a permit in time hears at once when, and uses none up")
    func refusal() async throws {
        let clock = ManualClock(automatic: true)
        let pacing = WritePacing(limit: limit, clock: clock)
        let start = clock.now
        try await pacing.permit(before: start)
        try await pacing.permit(before: start)
        clock.advance(by: .seconds(5))
        for _ in 0..<10 {
            let refusal = await #expect(throws: WritePacing.Refusal.self) {
                try await pacing.permit(before: start.advanced(by: .seconds(19.9)))
            }
            #expect(refusal?.retryAfter == .seconds(15))
        }
        #expect(clock.sleeps.isEmpty)
        try await pacing.permit(before: start.advanced(by: .seconds(20)))
        #expect(clock.now - start == .seconds(20))
    }

    @Test("a closing holds back those who come, and a shorter one does not end it", arguments: [true, false])
    func closing(isLimited: Bool) async throws {
        let clock = ManualClock(automatic: true)
        let pacing = WritePacing(limit: isLimited ? limit : nil, clock: clock)
        let start = clock.now
        pacing.close(for: .seconds(30))
        pacing.close(for: .seconds(3))
        let refusal = await #expect(throws: WritePacing.Refusal.self) {
            try await pacing.permit(before: start.advanced(by: .seconds(29)))
        }
        #expect(refusal?.retryAfter == .seconds(30))
        try await pacing.permit(before: start.advanced(by: .seconds(30)))
        #expect(clock.now - start == .seconds(30))
    }

    @Test("a closing holds back those who wait already", arguments: [true, false])
    func closingOfWaiters(isLimited: Bool) async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: isLimited ? WriteLimit(count: 1, interval: .seconds(20)) : nil, clock: clock)
        let start = clock.now
        if isLimited { try await pacing.permit(before: start) } else { pacing.close(for: .seconds(20)) }
        let patient = Task {
            try await pacing.permit(before: start.advanced(by: .seconds(100)))
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

    @Test("who is put off past its deadline hears so, and leaves its place to others")
    func putOff() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: WriteLimit(count: 1, interval: .seconds(20)), clock: clock)
        let start = clock.now
        try await pacing.permit(before: start)
        let hasty = Task { try await pacing.permit(before: start.advanced(by: .seconds(25))) }
        await clock.waitForSleepers(1)
        pacing.close(for: .seconds(50))
        clock.advance(by: .seconds(20))
        let refusal = await #expect(throws: WritePacing.Refusal.self) { try await hasty.value }
        #expect(refusal?.retryAfter == .seconds(30))
        clock.advance(by: .seconds(30))
        try await pacing.permit(before: clock.now)
    }

    @Test("a cancelled waiter leaves its place to others")
    func cancellation() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: WriteLimit(count: 1, interval: .seconds(20)), clock: clock)
        let start = clock.now
        try await pacing.permit(before: start)
        let waiter = Task { try await pacing.permit(before: start.advanced(by: .seconds(100))) }
        await clock.waitForSleepers(1)
        waiter.cancel()
        await #expect(throws: WritePacing.Refusal(retryAfter: .zero)) { try await waiter.value }
        clock.advance(by: .seconds(20))
        try await pacing.permit(before: clock.now)
    }

    @Test("switched off, it lets everybody through")
    func off() async throws {
        let clock = ManualClock()
        let pacing = WritePacing(limit: nil, clock: clock)
        for _ in 0..<10_000 { try await pacing.permit(before: clock.now) }
        #expect(clock.sleeps.isEmpty)
    }
}
