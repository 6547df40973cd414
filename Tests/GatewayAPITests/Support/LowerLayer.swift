import Logging

/// Something behind the routes that logs as Graph's client does: with the logger of the task.
enum LowerLayer {
    static let message: Logger.Message = "a lower layer speaks"
    static func speak() { Logger.current.debug(message) }
}
