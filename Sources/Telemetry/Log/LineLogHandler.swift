package import LogFacts
package import Logging
import Transport

/// How log lines are written.
package enum LogFormat: String, Sendable, CaseIterable {
    /// One JSON object a line, for machines.
    case json
    /// For people.
    case text
}

/// Writes each log event as one line, through a ``LineSink``.
///
/// Whatever stands in a message or a value, it stays on its line: control characters are escaped in both formats.
package struct LineLogHandler: FactsLogHandler {
    package var metadata: Logger.Metadata = [:]
    package var logLevel: Logger.Level
    package var metadataProvider: Logger.MetadataProvider?

    private let label: String
    private let format: LogFormat
    private let sink: any LineSink

    package init(
        label: String,
        format: LogFormat,
        level: Logger.Level,
        sink: any LineSink,
        metadataProvider: Logger.MetadataProvider? = nil
    ) {
        self.label = label
        self.format = format
        self.sink = sink
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    /// Libraries whose view of what matters is not an operator's.
    private static let libraries: Set<String> = ["Hummingbird", "HummingbirdCore", "ServiceLifecycle"]

    /// The event's level; that of a library is lowered: what it calls information is for finding defects, and an error that
    /// somebody must act on is told by whoever called it.
    private static func level(of event: LogEvent) -> Logger.Level {
        guard libraries.contains(event.source) else { return event.level }
        switch event.level {
        case .trace, .debug: return event.level
        case .info, .notice: return .debug
        case .warning, .error, .critical: return .warning
        }
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let level = Self.level(of: event)
        guard level >= logLevel else { return }
        // The event's own are the most, nearly always, and go before the others.
        var facts = event.metadata ?? [:]
        if let provided = metadataProvider?.get() { facts.merge(provided) { own, _ in own } }
        facts.merge(metadata) { own, _ in own }
        // The type alone: an error's description may hold anything.
        if let error = event.error { facts["error.type"] = "\(type(of: error))" }
        write(LogLine(time: .now, level: level, label: label, message: event.message.description, facts: facts))
    }

    package func log(level: Logger.Level, _ message: String, facts: LogFacts) {
        guard level >= logLevel else { return }
        write(LogLine(time: .now, level: level, label: label, message: message, facts: facts.members))
    }

    private func write(_ line: LogLine) { sink.write(format == .json ? line.json : line.text) }
}
