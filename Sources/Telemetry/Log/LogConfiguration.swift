package import Logging
package import Settings

/// `LOG_LEVEL` and `LOG_FORMAT`.
package struct LogConfiguration: Sendable {
    package var level: Logger.Level
    package var format: LogFormat

    package init(level: Logger.Level = .info, format: LogFormat = .json) {
        self.level = level
        self.format = format
    }

    package init(_ settings: SettingsReader) {
        level = settings.choice("LOG_LEVEL", default: Logger.Level.info)
        format = settings.choice("LOG_FORMAT", default: LogFormat.json)
    }

    /// A logger of this service, writing to standard output.
    package func logger(label: String = "enrollment-gateway", sink: any LineSink = DescriptorSink.standardOutput)
        -> Logger
    {
        Logger(label: label) {
            LineLogHandler(label: $0, format: format, level: level, sink: sink, metadataProvider: .trace)
        }
    }
}
