import Logging
import Settings
import Telemetry
import Testing

@Suite("LogConfiguration")
struct LogConfigurationTests {
    @Test("without settings it is JSON from info upwards")
    func defaults() throws {
        let settings = SettingsReader(environment: [:])
        let configuration = LogConfiguration(settings)
        #expect(configuration.level == .info)
        #expect(configuration.format == .json)
        try settings.finish()
    }

    @Test("LOG_LEVEL takes every level", arguments: Logger.Level.allCases)
    func levels(level: Logger.Level) throws {
        let settings = SettingsReader(environment: ["LOG_LEVEL": level.rawValue])
        #expect(LogConfiguration(settings).level == level)
        try settings.finish()
    }

    @Test("what it does not know is a problem that names the words there are")
    func unknown() {
        let settings = SettingsReader(environment: ["LOG_LEVEL": "loud", "LOG_FORMAT": "xml"])
        let configuration = LogConfiguration(settings)
        #expect(configuration.level == .info)
        #expect(configuration.format == .json)
        #expect(settings.problems.map(\.name) == ["LOG_LEVEL", "LOG_FORMAT"])
        #expect(settings.problems.last?.reason.contains("json, text") == true)
    }

    @Test("its logger writes in the chosen format, from the chosen level upwards")
    func logger() throws {
        let store = LineStore()
        let settings = SettingsReader(environment: ["LOG_LEVEL": "warning", "LOG_FORMAT": "text"])
        let logger = LogConfiguration(settings).logger(sink: store)
        logger.info("quiet")
        logger.warning("loud")
        #expect(store.lines.count == 1)
        #expect(store.lines.first?.hasSuffix("WARNING  loud") == true)
    }
}
