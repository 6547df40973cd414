import Glibc
package import Logging
package import Settings
import Transport

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

    /// Where a service's log goes: standard output, without anybody's waiting for it. One in a process.
    package func sink(label: String = "enrollment-gateway") -> GatheringSink {
        GatheringSink(descriptor: STDOUT_FILENO) { [format] dropped in
            let line = LogLine(
                time: .now,
                level: .warning,
                label: label,
                message: "Lines of the log were dropped: whoever reads it does not keep up",
                facts: ["lines.dropped": "\(dropped)"]
            )
            return format == .json ? line.json : line.text
        }
    }

    /// A logger of this service.
    package func logger(label: String = "enrollment-gateway", sink: any LineSink = DescriptorSink.standardOutput)
        -> Logger
    {
        Logger(label: label) {
            LineLogHandler(label: $0, format: format, level: level, sink: sink, metadataProvider: .trace)
        }
    }
}
