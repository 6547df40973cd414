import InMemoryLogging
import LogFacts
import Logging
import Telemetry
import Testing

@Suite("LogFacts")
struct LogFactsTests {
    private let store = LineStore()

    private var facts: LogFacts {
        var facts = LogFacts(capacity: 4)
        facts.add("a", "1")
        facts.add("absent", nil)
        facts.add("b", "two words, \"quoted\"\n")
        facts.add("c.d", "é")
        return facts
    }

    private func logger(_ format: LogFormat, level: Logger.Level = .info) -> Logger {
        Logger(label: "test") { [store] in
            LineLogHandler(
                label: $0,
                format: format,
                level: level,
                sink: store,
                metadataProvider: .init { ["provided": "x"] }
            )
        }
    }

    /// Without the time of day, which differs.
    private func withoutTime(_ line: String) -> String {
        line.replacing(/\d\d:\d\d:\d\d\.\d{3}/, with: "")
    }

    @Test("a line of facts is the line that the same facts have as metadata", arguments: LogFormat.allCases)
    func sameLine(format: LogFormat) throws {
        let metadata: Logger.Metadata = ["c.d": "é", "a": "1", "b": "two words, \"quoted\"\n"]
        var plain = logger(format)
        plain.handler.metadataProvider = nil
        plain.info("request", metadata: metadata)
        FactsLogger(logger(format)).log(level: .info, "request", facts: facts)
        try #require(store.lines.count == 2)
        #expect(withoutTime(store.lines[0]) == withoutTime(store.lines[1]))
    }

    @Test("the facts are all that the line says: neither the handler's metadata nor its provider's come along")
    func nothingElse() throws {
        var logger = logger(.json)
        logger[metadataKey: "own"] = "x"
        FactsLogger(logger).log(level: .info, "request", facts: facts)
        let line = try #require(store.lines.first)
        #expect(line.contains(#""a":"1""#) && !line.contains("provided") && !line.contains("own"))
    }

    @Test("a level that is not written is not, and is known beforehand")
    func levels() {
        let log = FactsLogger(logger(.json, level: .warning))
        log.log(level: .info, "request", facts: facts)
        #expect(!log.isWriting(.info) && log.isWriting(.warning) && log.isWriting(.error))
        #expect(store.lines.isEmpty)
    }

    @Test("any other handler gets them as metadata")
    func otherHandler() throws {
        let handler = InMemoryLogHandler()
        let log = FactsLogger(Logger(label: "test") { _ in handler })
        log.log(level: .notice, "request", facts: facts)
        let entry = try #require(handler.entries.first)
        #expect(entry.level == .notice && entry.message == "request")
        #expect(entry.metadata == ["a": "1", "b": "two words, \"quoted\"\n", "c.d": "é"])
    }
}
