import Logging
import Synchronization

/// Tells the operator when the collector stops taking spans, and when it takes them again: once for each change.
///
/// In numbers, and never in the collector's words: it may give back what it was sent, whole or in part, and that holds its secret.
final class ExportReport: Sendable {
    private struct State {
        /// How many had been lost in all when the collector took a batch last.
        var lostBefore = 0
        var isAway = false
        var rejects = false
    }

    private let logger: Logger
    private let state = Mutex(State())

    init(logger: Logger) { self.logger = logger }

    /// - Parameters:
    ///   - rejected: how many it did not take of what it was sent.
    ///   - total: how many have been lost since the start, these not counted.
    func delivered(rejected: Int, lostInAll total: Int) {
        let rejects = rejected > 0
        let (returned, lost, isNews) = state.withLock { state in
            defer { state = State(lostBefore: total + rejected, rejects: rejects) }
            return (state.isAway, total - state.lostBefore, rejects && !state.rejects)
        }
        if returned {
            logger.notice("The collector takes spans again", metadata: ["spans.lost": "\(lost)"])
        }
        if isNews {
            logger.warning(
                "The collector does not take all spans",
                metadata: ["spans.rejected": "\(rejected)"]
            )
        }
    }

    /// - Parameter total: how many have been lost since the start.
    func failed(_ reason: String, lostInAll total: Int) {
        let (isNews, lost) = state.withLock { state in
            defer { state.isAway = true }
            return (!state.isAway, total - state.lostBefore)
        }
        guard isNews else { return }
        logger.warning(
            "The collector takes no spans; they are given up until it does",
            metadata: ["reason": "\(reason)", "spans.lost": "\(lost)"]
        )
    }
}
