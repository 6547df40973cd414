import InMemoryLogging
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("A credential's end", .timeLimit(.minutes(5)))
struct ExpiryWatchTests {
    private static let end = Timestamp(secondsSince1970: 1_800_000_000)
    private static let day = 86400.0

    private static func before(_ days: Double) -> Timestamp { Timestamp(secondsSince1970: 1_800_000_000 - days * day) }

    @Test(
        "Days are rounded down, and the last thirty of them are near",
        arguments: [
            (400, 400, .distant), (30.5, 30, .distant), (30, 30, .distant), (29.99, 29, .near), (1.5, 1, .near),
            (0.1, 0, .near),
            (0, 0, .ended), (-0.1, -1, .ended), (-3, -3, .ended), (1e300, 1_000_000, .distant),
        ] as [(Double, Int, CredentialExpiry.Standing)]
    )
    func standing(days: Double, left: Int, standing: CredentialExpiry.Standing) {
        let expiry = CredentialExpiry(.certificate, endsAt: Self.end)
        #expect(expiry.daysLeft(at: Self.before(days)) == left)
        #expect(expiry.standing(at: Self.before(days)) == standing)
    }

    @Test("The sentence names what ends and when")
    func remark() {
        let expiry = CredentialExpiry(.clientSecret, endsAt: Self.end)
        #expect(
            expiry.remark(at: Self.before(12.5))
                == "the client secret ends in 12 days, on 2027-01-15T08:00:00Z: replace it"
        )
        #expect(
            expiry.remark(at: Self.before(1)) == "the client secret ends in 1 day, on 2027-01-15T08:00:00Z: replace it"
        )
        #expect(
            expiry.remark(at: Self.before(0.5)) == "the client secret ends today, at 2027-01-15T08:00:00Z: replace it"
        )
        #expect(expiry.remark(at: Self.before(-1)) == "the client secret ended on 2027-01-15T08:00:00Z: replace it")
        #expect(expiry.remark(at: Self.before(100)) == "the client secret ends in 100 days, on 2027-01-15T08:00:00Z")
    }

    @Test("It is told once while the end is far, and once a day from thirty days on")
    func levels() throws {
        let log = InMemoryLogHandler()
        let now = Box(Self.before(32))
        let watch = watch(log, now: now) { CredentialExpiry(.certificate, endsAt: Self.end) }
        var told: ExpiryWatch.Told?
        // Every hour, until two days after the end.
        for hour in 0...(34 * 24) {
            now.value = Self.before(32 - Double(hour) / 24)
            told = watch.look(told)
        }
        let levels = log.entries.map(\.level)
        #expect(levels.first == .info)
        #expect(levels.filter { $0 == .info }.count == 1)
        #expect(levels.filter { $0 == .warning }.count == 30)
        // At the very end, on the day after it and on the one after that.
        #expect(levels.filter { $0 == .error }.count == 2)
        #expect("\(log.entries.first { $0.level == .warning }?.metadata["credential.days_left"] ?? "")" == "29")
    }

    @Test("Another credential is told at once; none is silence")
    func replaced() throws {
        let log = InMemoryLogHandler()
        let expiry = Box(CredentialExpiry(.certificate, endsAt: Self.end))
        let watch = watch(log, now: Box(Self.before(10))) { expiry.value }
        var told = watch.look(nil)
        told = watch.look(told)
        #expect(log.entries.map(\.level) == [.warning])
        expiry.value = CredentialExpiry(.certificate, endsAt: Self.before(-365))
        told = watch.look(told)
        #expect(log.entries.map(\.level) == [.warning, .info])
        expiry.value = nil
        #expect(watch.look(told) == nil)
        #expect(log.entries.count == 2)
    }

    @Test("As a service it looks at start and every minute, and ends with the others")
    func service() async throws {
        let log = InMemoryLogHandler()
        let clock = ManualClock()
        let now = Box(Self.before(5))
        let watch = ExpiryWatch(clock: clock, wallClock: { now.value! }, logger: Logger(label: "test") { _ in log }) {
            CredentialExpiry(.certificate, endsAt: Self.end)
        }
        let group = ServiceGroup(services: [watch], logger: .silent)
        let running = Task { try await group.run() }
        await eventually { log.entries.count == 1 }
        now.value = Self.before(3)
        await eventually {
            clock.advance(by: .seconds(60))
            return log.entries.count == 2
        }
        await group.triggerGracefulShutdown()
        try await running.value
    }

    private func watch(
        _ log: InMemoryLogHandler,
        now: Box<Timestamp>,
        _ expiry: @escaping @Sendable () -> CredentialExpiry?
    ) -> ExpiryWatch {
        ExpiryWatch(
            clock: ManualClock(),
            wallClock: { now.value! },
            logger: Logger(label: "test") { _ in log },
            expiry: expiry
        )
    }
}
