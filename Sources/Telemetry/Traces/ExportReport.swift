import Logging
import Settings
import Synchronization

/// Tells the operator when the collector stops taking spans, and when it takes them again: once for each change.
final class ExportReport: Sendable {
    private static let longestMessage = 200

    private struct State {
        /// Since the collector took a batch last.
        var lost = 0
        var isAway = false
        var rejects = false
    }

    private let logger: Logger
    /// What a collector, or a proxy in its place, may give back of what it was sent.
    private let secrets: [Secret]
    private let state = Mutex(State())

    init(logger: Logger, secrets: [Secret]) {
        self.logger = logger
        self.secrets = secrets
    }

    func delivered(_ partial: PartialSuccess) {
        let rejects = partial.rejected > 0
        let (returned, lost, isNews) = state.withLock { state in
            defer { state = State(rejects: rejects) }
            return (state.isAway, state.lost, rejects && !state.rejects)
        }
        if returned {
            logger.notice("The collector takes spans again", metadata: ["spans.lost": "\(lost)"])
        }
        if isNews {
            var facts: Logger.Metadata = ["spans.rejected": "\(partial.rejected)"]
            facts["collector.message"] = shown(partial.message).map { "\($0)" }
            logger.warning("The collector does not take all spans", metadata: facts)
        }
    }

    func lost(_ count: Int, _ reason: String) {
        let isNews = state.withLock { state in
            state.lost += count
            defer { state.isAway = true }
            return !state.isAway
        }
        guard isNews else { return }
        logger.warning(
            "The collector takes no spans; they are given up until it does",
            metadata: ["reason": "\(reason)", "spans.lost": "\(count)"]
        )
    }

    private func shown(_ message: String?) -> String? {
        guard let message else { return nil }
        let isEcho = secrets.contains { $0.reveal { !$0.isEmpty && message.contains($0) } }
        return isEcho ? nil : String(message.prefix(Self.longestMessage))
    }
}
