import Synchronization
import Transport

/// Graph's clock as its last answer showed it.
final class GraphTime: Sendable {
    /// After so long this machine's clock may have run away from Graph's by more than can be left out of account.
    static let longestUse = Duration.seconds(600)

    private let last = Mutex<GraphClock?>(nil)

    func note(_ clock: GraphClock) {
        guard clock.isGraphs else { return }
        last.withLock { $0 = clock }
    }

    /// `nil` where no answer within ``longestUse`` has had a `Date`.
    func clock(at now: ContinuousClock.Instant) -> GraphClock? {
        last.withLock { $0 }.flatMap { now - $0.instant <= Self.longestUse ? $0 : nil }
    }
}
