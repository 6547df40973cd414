import Foundation
import Logging
import Synchronization
import Telemetry

/// The log of a process that serves, and its last line.
enum ProcessLog {
    private static let sink = Mutex<GatheringSink?>(nil)

    /// Once in a process.
    static func begin(_ configuration: LogConfiguration) -> Logger {
        let gathering = configuration.sink()
        sink.withLock { $0 = gathering }
        return configuration.logger(sink: gathering)
    }

    /// Before the process ends, in whatever way.
    static func end() { sink.withLock { $0 }?.flush() }

    /// Ends the process on the spot, but for what the log has still to write.
    static func exit(_ code: Int32) -> Never {
        end()
        _exit(code)
    }
}
