import KeyRing
package import Ledger
import Settings
import Synchronization
package import Transport

/// What callers have left of their rates, counted for all gateways that share a ledger.
///
/// As in ``CallerBucket``, a request takes one permit of every rate that a key of its caller has.
package final class SharedQuota: Sendable {
    /// So long after the ledger has not answered it is not asked: nobody is to wait for it again and again.
    static let pause = Duration.seconds(2)

    private let sharing: any LedgerSharing
    private let clock: any MonotonicClock
    private let awayUntil = Mutex<ContinuousClock.Instant?>(nil)

    package init(_ sharing: any LedgerSharing, clock: any MonotonicClock = ContinuousClock()) {
        self.sharing = sharing
        self.clock = clock
    }

    /// Takes one permit; `nil` for a key without a rate, and where the ledger does not answer: then each gateway counts for itself.
    func take(for caller: Caller) async -> CallerBucket.Quota? {
        guard let rate = caller.keyRate, awayUntil.withLock({ $0.map { $0 <= clock.now } ?? true }) else { return nil }
        do throws(LedgerFault) {
            return try await take(rate, for: caller)
        } catch {
            awayUntil.withLock { $0 = clock.now.advanced(by: Self.pause) }
            return nil
        }
    }

    private func take(_ rate: CallerRate, for caller: Caller) async throws(LedgerFault) -> CallerBucket.Quota {
        let place = try await place(caller, rate)
        let used = rate.burst - place.remaining
        let quota = CallerBucket.Quota(
            rate: rate,
            remaining: place.remaining,
            reset: place.isTaken ? max(.zero, place.fullAfter - rate.interval * max(0, used - 1)) : place.wait,
            isGranted: place.isTaken
        )
        // What is left of the others: a second key makes no caller faster.
        if quota.isGranted {
            for other in caller.rates where other != rate { _ = try await self.place(caller, other) }
        }
        return quota
    }

    private func place(_ caller: Caller, _ rate: CallerRate) async throws(LedgerFault) -> SharedPlace {
        try await sharing.takePlace(
            in: "caller:\(caller.name):\(rate.rate):\(rate.burst)",
            count: rate.rate.count,
            interval: rate.rate.interval,
            burst: rate.burst,
            patience: .zero
        )
    }
}
