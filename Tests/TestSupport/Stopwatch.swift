import Foundation
import Synchronization

/// How long something has taken since this was made, without the time for which the machine let nobody run.
///
/// A thread looks at the clock every few milliseconds; where it comes late, because a virtual machine had no processor, everybody else was
/// late as well, and little of that time counts. It never tells more than has passed.
package final class Stopwatch: Sendable {
    private static let secondsBetweenLooks = 0.01
    /// So much counts between two looks; more than a thread is late where processors are merely busy.
    private static let mostBetweenLooks = Duration.milliseconds(50)

    private let start = ContinuousClock.now
    private let state = Mutex((counted: Duration.zero, last: ContinuousClock.now))

    package init() {
        Thread.detachNewThread { [weak self] in
            repeat { Thread.sleep(forTimeInterval: Self.secondsBetweenLooks) } while self?.count() != nil
        }
    }

    package var elapsed: Duration { count() }

    /// For how long the machine has let nobody run, about.
    package var standstill: Duration {
        let counted = count()
        return ContinuousClock.now - start - counted
    }

    @discardableResult
    private func count() -> Duration {
        state.withLock { state in
            let now = ContinuousClock.now
            state.counted += min(now - state.last, Self.mostBetweenLooks)
            state.last = now
            return state.counted
        }
    }
}
