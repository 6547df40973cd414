package import Logging

/// A log handler that takes ``LogFacts`` as they are.
package protocol FactsLogHandler: LogHandler {
    /// Writes one line, if `level` is one that is written: what `facts` say and nothing else, neither the handler's own metadata nor its
    /// provider's.
    func log(level: Logger.Level, _ message: String, facts: LogFacts)
}

/// Writes lines with ``LogFacts`` to any logger: at little cost where its handler is a ``FactsLogHandler``, and else as any line.
package struct FactsLogger: Sendable {
    private let logger: Logger
    private let handler: (any FactsLogHandler)?

    package init(_ logger: Logger) {
        self.logger = logger
        handler = logger.handler as? any FactsLogHandler
    }

    package func isWriting(_ level: Logger.Level) -> Bool { level >= logger.logLevel }

    /// - Parameter facts: all that the line says.
    package func log(level: Logger.Level, _ message: String, facts: LogFacts) {
        if let handler { return handler.log(level: level, message, facts: facts) }
        let metadata = facts.members.map { ($0.name, Logger.MetadataValue.string($0.value)) }
        logger.log(level: level, "\(message)", metadata: Dictionary(metadata) { first, _ in first })
    }
}
