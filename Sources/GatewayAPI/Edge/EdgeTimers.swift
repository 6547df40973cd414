import NIOCore

/// The timers of one connection, one for each purpose: setting one anew cancels the one before.
struct EdgeTimers {
    /// Until the head or the body of a request is to be there, or the connection is to be gone.
    var deadline: Scheduled<Void>? { didSet { oldValue?.cancel() } }
    /// Until the connection is looked at for whether it has been idle for too long.
    var idle: Scheduled<Void>? { didSet { oldValue?.cancel() } }
    /// Until a caller that reads nothing loses its connection.
    var stall: Scheduled<Void>? { didSet { oldValue?.cancel() } }
    /// Until a caller that sends no more is asked whether it is there.
    var question: Scheduled<Void>? { didSet { oldValue?.cancel() } }
    /// Until a connection without a request is closed because the server stops.
    var lastLook: Scheduled<Void>? { didSet { oldValue?.cancel() } }

    mutating func cancelAll() {
        deadline = nil
        idle = nil
        stall = nil
        question = nil
        lastLook = nil
    }
}
