import Synchronization
import Transport

/// Graph's clock as its last answer showed it.
final class GraphTime: Sendable {
    private let last = Mutex<GraphClock?>(nil)

    func note(_ clock: GraphClock) {
        guard clock.isGraphs else { return }
        last.withLock { $0 = clock }
    }

    /// `nil` where no answer has had a `Date` yet.
    var clock: GraphClock? { last.withLock { $0 } }
}
