/// What a caller's connection may cost. All are settings; see the README's table.
package struct EdgeLimits: Sendable, Equatable {
    /// From a head's first byte to its last.
    package var headerTimeout: Duration = .seconds(10)
    /// From the head to the body's last byte, however many pieces it comes in.
    package var bodyTimeout: Duration = .seconds(10)
    /// How long a kept-alive connection waits for its next request.
    package var idleTimeout: Duration = .seconds(60)
    /// How long a caller may take nothing of what it was answered.
    package var writeTimeout: Duration = .seconds(30)
    package var maximumBodyBytes = 16 * 1024
    /// All header fields together.
    package var maximumHeaderBytes = 16 * 1024
    /// More fields than this in one request are too large together, whatever their size.
    package var maximumHeaderFields = 100
    package var maximumURLBytes = 8 * 1024
    package var maximumConnections = 1024
    /// From one address, but for trusted proxies; `nil` for no limit. As high as a portal behind one address may need, and low
    /// enough that one address does not keep all others out.
    package var maximumConnectionsPerAddress: Int? = 512
    /// Then a connection is ended with an answer, so that callers spread over replicas again; `nil` for no limit.
    package var maximumRequestsPerConnection: Int? = 10_000
    /// Requests that are being answered at the same time.
    package var maximumInFlight = 256

    /// Not a setting: what is left of the time for a TLS handshake that is under way when the server stops, and for the first request
    /// behind it.
    var lastTLSHandshake = Duration.seconds(1)
    /// Not a setting: how long a connection that has brought nothing yet may take for its first request when the server stops. It was
    /// made for one.
    var lastFirstRequest = Duration.seconds(1)
    /// Not a setting: how long the acknowledgement of an HTTP/2 connection's first goodbye is waited for.
    var goodbyeTimeout = lingerTime
    /// Not a setting: so many requests that wait for answers on one connection are its last (RFC 9112 §9.3.2).
    static let longestPipeline = 1024
    /// So many connections may wait to be accepted, or as many as may be open, where that is more.
    static let leastBacklog = 256
    /// After a refusal, what still arrives is read and dropped up to this much, so that the caller gets to see the answer
    /// instead of a reset (RFC 9112 §9.6), and for no longer than ``lingerTime``.
    package static let lingerBytes = 1 << 20
    package static let lingerTime = Duration.seconds(2)
    /// How long connections that have begun are waited for before a port is closed: longer than most networks take for an answer.
    static let lastHandshakes = Duration.milliseconds(200)
    /// So often in a row is looked, with a pause in between, whether fewer connections than before wait to be accepted: for a second, and
    /// as much longer as the port's loop is late. It accepts some in each of its rounds, unless ``maximumConnections`` are open.
    static let lastLooksInVain = 100
    static let lastLooksPause = Duration.milliseconds(10)
    /// When the server stops, a connection without a request is closed after this, longer than most networks take for an answer: what its
    /// caller has sent meanwhile, or sends because it has just been answered, is read and answered before.
    static let lastLook = Duration.milliseconds(200)
    /// When the time for finishing is over, a connection is closed so long after the last answer on it was made: before the
    /// process ends by force (``Stopping/lastMoment``).
    static let lastWords = Duration.milliseconds(300)
    /// When a caller that sends no more, and waits for an answer, is asked whether it is still there; each after the one before.
    /// Not at once, since most answers are there by then, and not often, since some clients count interim answers.
    static let questionPauses: ArraySlice<Duration> = [.milliseconds(200), .seconds(1), .seconds(5)]

    /// Not a setting: what a body may take as it comes, over HTTP/1.1. Room for chunks of one byte each, with trailers behind them,
    /// and not for sizes and extensions without end, which the parser drops.
    var maximumRawBodyBytes: Int { "1\r\nx\r\n".utf8.count * maximumBodyBytes + maximumHeaderBytes }

    package init() {}
}
