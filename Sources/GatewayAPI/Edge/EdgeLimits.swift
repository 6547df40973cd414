/// What a caller's connection may cost. All are settings; see the README's table.
package struct EdgeLimits: Sendable, Equatable {
    /// From a head's first byte to its last.
    package var headerTimeout: Duration = .seconds(10)
    /// From the head to the body's last byte, however many pieces it comes in.
    package var bodyTimeout: Duration = .seconds(10)
    /// How long a kept-alive connection waits for its next request, and for its caller to read what was answered.
    package var idleTimeout: Duration = .seconds(60)
    package var maximumBodyBytes = 16 * 1024
    /// All header fields together.
    package var maximumHeaderBytes = 16 * 1024
    package var maximumURLBytes = 8 * 1024
    package var maximumConnections = 1024
    /// Requests that are being answered at the same time.
    package var maximumInFlight = 256

    /// Not a setting: more fields than this in one request are too large together, whatever their size.
    package static let maximumHeaderFields = 100
    /// Not a setting: so many requests that wait for answers on one connection are its last (RFC 9112 §9.3.2).
    static let longestPipeline = 1024
    /// After a refusal, what still arrives is read and dropped up to this much, so that the caller gets to see the answer
    /// instead of a reset (RFC 9112 §9.6), and for no longer than ``lingerTime``.
    package static let lingerBytes = 1 << 20
    package static let lingerTime = Duration.seconds(2)
    /// When the server stops, a connection without a request is closed after this: the loop reads what is there before.
    static let lastLook = Duration.milliseconds(20)
    /// When a caller that sends no more, and waits for an answer, is asked whether it is still there; each after the one before.
    /// Not at once, since most answers are there by then, and not often, since some clients count interim answers.
    static let questionPauses: ArraySlice<Duration> = [.milliseconds(200), .seconds(1), .seconds(5)]

    package init() {}
}
