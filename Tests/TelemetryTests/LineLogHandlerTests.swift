import Foundation
import Logging
import Synchronization
import Telemetry
import Testing

/// Keeps the lines that were written.
final class LineStore: LineSink {
    private let store = Mutex<[String]>([])
    var lines: [String] { store.withLock { $0 } }
    func write(_ line: [UInt8]) { store.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
}

/// Everything that could end a line or move a terminal's cursor.
private let hostile = "a\nb\rc\td\u{0}e\u{1B}[2Jf\u{7F}g\u{85}h\u{9B}i\u{2028}j\u{2029}k\"l\\m\u{B}\u{C}"

@Suite("LineLogHandler")
struct LineLogHandlerTests {
    private let store = LineStore()

    private func logger(_ format: LogFormat, level: Logger.Level = .trace, provider: Logger.MetadataProvider? = nil)
        -> Logger
    {
        Logger(label: "test") { [store] in
            LineLogHandler(label: $0, format: format, level: level, sink: store, metadataProvider: provider)
        }
    }

    /// Decoded strictly: every value a text.
    private func facts(_ line: String) throws -> [String: String] {
        try JSONDecoder().decode([String: String].self, from: Data(line.utf8))
    }

    @Test("a JSON line has the time, the level, the label, the message and every fact")
    func json() throws {
        logger(.json).warning("something", metadata: ["b": "2", "a": "1", "n": .stringConvertible(7)])
        let line = try #require(store.lines.first)
        let facts = try facts(line)
        #expect(
            facts.filter { $0.key != "timestamp" } == [
                "level": "warning", "label": "test", "message": "something", "a": "1", "b": "2", "n": "7",
            ]
        )
        #expect(facts["timestamp"]?.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
        let order = try ["timestamp", "level", "label", "message", "a", "b", "n"].map {
            try #require(line.range(of: "\"\($0)\":")).lowerBound
        }
        #expect(order == order.sorted())
    }

    @Test("whatever stands in a message, a name or a value, the JSON line is one line, and decodes to the same")
    func jsonEscaping() throws {
        logger(.json).info(
            "\(hostile)",
            metadata: ["value": "\(hostile)", "name\n\"": "x", "list": ["\(hostile)"], "map": ["k\n": "v\n"]]
        )
        let line = try #require(store.lines.first)
        #expect(line.unicodeScalars.allSatisfy { isHarmless($0) })
        let facts = try facts(line)
        #expect(facts["message"] == hostile)
        #expect(facts["value"] == hostile)
        #expect(facts["name\n\""] == "x")
    }

    @Test("whatever stands in a message, a name or a value, the text line is one line")
    func textEscaping() throws {
        logger(.text).info("\(hostile)", metadata: ["value": "\(hostile)", "name\n": "x"])
        let line = try #require(store.lines.first)
        #expect(line.unicodeScalars.allSatisfy { isHarmless($0) })
        #expect(line.contains(#"a\u{a}b\u{d}c"#))
    }

    @Test("a text line shows time, level, message and facts, and a value cannot pass for a second fact")
    func text() throws {
        logger(.text).notice(
            "something",
            metadata: ["b": "two words", "a": "1", "e": "", "f": #"x" outcome="created"#]
        )
        let line = try #require(store.lines.first)
        #expect(line.prefixMatch(of: #/\d\d:\d\d:\d\d\.\d{3} NOTICE +something /#) != nil)
        #expect(line.hasSuffix(#" a=1 b="two words" e="" f="x\" outcome=\"created""#))
    }

    @Test("a fact named like one of the line's own members does not double it")
    func reservedNames() throws {
        logger(.json).info(
            "real",
            metadata: ["message": "other", "level": "other", "label": "other", "timestamp": "other"]
        )
        let line = try #require(store.lines.first)
        for name in ["message", "level", "label", "timestamp"] {
            #expect(line.ranges(of: "\"\(name)\":").count == 1)
        }
        #expect(try facts(line)["message"] == "real")
        #expect(line.ranges(of: "other").count == 4)
    }

    @Test("every line of a random crowd of texts parses as JSON")
    func randomTexts() throws {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<300 {
            let scalars = (0..<Int.random(in: 0...40, using: &random)).compactMap { _ in
                Unicode.Scalar(UInt32.random(in: 0...0x2FF, using: &random)) ?? "x"
            }
            let text = String(String.UnicodeScalarView(scalars))
            logger(.json).info("m", metadata: ["value": "\(text)"])
            #expect(try facts(#require(store.lines.last))["value"] == text)
        }
    }

    @Test("only events at or above the level are written", arguments: Logger.Level.allCases)
    func levels(level: Logger.Level) {
        let logger = logger(.json, level: level)
        for other in Logger.Level.allCases { logger.log(level: other, "event") }
        #expect(store.lines.count == Logger.Level.allCases.filter { $0 >= level }.count)
    }

    @Test("of facts of one name the event's counts before the provider's, and that before the logger's")
    func merging() throws {
        let provider = Logger.MetadataProvider { ["a": "provider", "b": "provider"] }
        var logger = logger(.json, provider: provider)
        logger[metadataKey: "a"] = "logger"
        logger[metadataKey: "b"] = "logger"
        logger[metadataKey: "c"] = "logger"
        logger.info("m", metadata: ["a": "event"])
        let facts = try facts(#require(store.lines.first))
        #expect([facts["a"], facts["b"], facts["c"]] == ["event", "provider", "logger"])
    }

    @Test("a copy's facts do not show on the original's lines")
    func copies() throws {
        let original = logger(.json)
        var copy = original
        copy[metadataKey: "mine"] = "1"
        #expect(copy[metadataKey: "mine"] == "1")
        original.info("m")
        #expect(try facts(#require(store.lines.first))["mine"] == nil)
    }

    @Test("of an error only the type is written")
    func errors() throws {
        struct Failure: Error, CustomStringConvertible { var description: String { "canary-4" } }
        logger(.json).error("m", error: Failure())
        let line = try #require(store.lines.first)
        #expect(try facts(line)["error.type"] == "Failure")
        #expect(!line.contains("canary-4"))
    }

    private func isHarmless(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: false
        default: true
        }
    }
}
