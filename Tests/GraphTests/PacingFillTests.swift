import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("How far the limit for writes is used up")
struct PacingFillTests {
    private func pacing(_ clock: ManualClock, limit: WriteLimit? = WriteLimit(count: 8, interval: .seconds(20)))
        -> WritePacing
    {
        WritePacing(limit: limit, clock: clock)
    }

    @Test("permits that left are missing for a portion's interval")
    func used() async throws {
        let clock = ManualClock()
        let pacing = pacing(clock)
        #expect(pacing.fill == PacingFill(limit: 2, available: 2, waiting: 0, closedFor: .zero))
        try await pacing.permit(for: "portal", before: clock.now)
        #expect(pacing.fill.available == 1)
        clock.advance(by: .seconds(3))
        try await pacing.permit(for: "portal", before: clock.now)
        #expect(pacing.fill.available == 0)
        clock.advance(by: .seconds(2))
        #expect(pacing.fill.available == 1)
        clock.advance(by: .seconds(3))
        #expect(pacing.fill.available == 2)
    }

    @Test("while Graph asks for quiet nothing is available, with a limit of our own or none")
    func closed() {
        let clock = ManualClock()
        for (pacing, available) in [(pacing(clock), 2), (pacing(clock, limit: nil), nil)] {
            pacing.close(for: .seconds(7))
            clock.advance(by: .seconds(2))
            #expect(pacing.fill.closedFor == .seconds(5))
            #expect(pacing.fill.available == available.map { _ in 0 })
            clock.advance(by: .seconds(6))
            #expect(pacing.fill.closedFor == .zero && pacing.fill.available == available)
        }
    }
}
