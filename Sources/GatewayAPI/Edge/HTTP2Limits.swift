import NIOCore
import NIOHTTP2

/// What a caller's HTTP/2 connection may cost beyond what ``EdgeLimits`` says of each request. Not settings: a caller that needs
/// more has other troubles.
enum HTTP2Limits {
    /// Requests under way on one connection. Callers are told, and one more costs the connection: NIO takes it for an error of all of
    /// it (RFC 9113 §5.1.2 leaves that open; swift-nio-http2 1.46).
    static let concurrentStreams = 100
    /// Streams that their caller resets, within ``window``: who asks and takes back again and again makes work for nothing
    /// (CVE-2023-44487).
    static let resets = 200
    /// PING, SETTINGS and PRIORITY frames, within ``window``.
    static let controlFrames = 200
    /// Frames that break the rules of their stream, within ``window``.
    static let streamErrors = 100
    /// The same over all of a connection's life. So many that the bound above is the one that counts: behind a proxy one bad caller
    /// does not end what all others use.
    static let streamErrorsInAll = 100_000
    static let window = TimeAmount.seconds(30)
    /// Frames of one head beyond its first (CVE-2024-27316).
    static let continuationFrames = 8
    /// Answers to control frames that wait for a caller who does not read.
    static let bufferedControlFrames = 1000
    /// What a caller may send of a body before it has to wait.
    static let streamWindow = 65_535
    /// The same over all streams of a connection.
    static let connectionWindow = 262_144

    /// Of a decoded head (RFC 9113 §10.5.1): room for twice of what is let through, so that a head that is a little too large is
    /// told so, and what is beyond costs its connection.
    static func headerListBytes(_ limits: EdgeLimits) -> Int {
        // Each field counts 32 bytes more than it has; there are four of HTTP/2's own.
        2 * (limits.maximumHeaderBytes + limits.maximumURLBytes) + 64 * (limits.maximumHeaderFields + 4)
    }

    /// Of all bodies together that are still coming: as much as a few of the greatest. Most come in one piece.
    static func bodyBytes(_ limits: EdgeLimits) -> Int { 8 * limits.maximumBodyBytes }

    static func configuration(_ limits: EdgeLimits) -> NIOHTTP2Handler.Configuration {
        var configuration = NIOHTTP2Handler.Configuration()
        configuration.connection.initialSettings = [
            HTTP2Setting(parameter: .maxConcurrentStreams, value: concurrentStreams),
            HTTP2Setting(parameter: .maxHeaderListSize, value: headerListBytes(limits)),
            HTTP2Setting(parameter: .initialWindowSize, value: streamWindow),
        ]
        configuration.connection.maximumSequentialContinuationFrames = continuationFrames
        configuration.connection.maximumBufferedControlFrames = bufferedControlFrames
        configuration.connection.maximumConnectionGlitches = streamErrorsInAll
        configuration.connection.controlFrameRateLimit.maximumCount = controlFrames
        configuration.connection.controlFrameRateLimit.windowLength = window
        configuration.connection.targetWindowSize = connectionWindow
        configuration.stream.targetWindowSize = streamWindow
        configuration.stream.streamResetFrameRateLimit.maximumCount = resets
        configuration.stream.streamResetFrameRateLimit.windowLength = window
        configuration.stream.streamErrorRateLimit.maximumCount = streamErrors
        configuration.stream.streamErrorRateLimit.windowLength = window
        return configuration
    }
}

extension HTTP2Limits {
    /// Whether an error that NIO tells the connection of has ended one stream alone: a request against the rules (RFC 9113 §8.1.1),
    /// or a frame that does not fit its stream. NIO does not tell by itself (swift-nio-http2 1.46).
    static func endsOneStream(_ error: any Error) -> Bool {
        switch error {
        case is NIOHTTP2Errors.StreamError, is NIOHTTP2Errors.BadStreamStateTransition,
            is NIOHTTP2Errors.TrailersWithoutEndStream:
            true
        case is NIOHTTP2Errors.ContentLengthViolated, is NIOHTTP2Errors.ContentLengthHeaderMalformedValue,
            is NIOHTTP2Errors.ContentLengthHeaderNegative, is NIOHTTP2Errors.ContentLengthHeadersMismatch:
            true
        case is NIOHTTP2Errors.DuplicatePseudoHeader, is NIOHTTP2Errors.EmptyPathHeader,
            is NIOHTTP2Errors.ForbiddenHeaderField, is NIOHTTP2Errors.InvalidHTTP2HeaderFieldName,
            is NIOHTTP2Errors.InvalidPseudoHeaderValue, is NIOHTTP2Errors.InvalidPseudoHeaders,
            is NIOHTTP2Errors.MissingPseudoHeader, is NIOHTTP2Errors.PseudoHeaderAfterRegularHeader,
            is NIOHTTP2Errors.UnknownPseudoHeader, is NIOHTTP2Errors.UnsupportedPseudoHeader:
            true
        default:
            false
        }
    }
}
