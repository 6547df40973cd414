import NIOCore
import TestUpstream

extension FaultSection {
    /// More than anyone needs, and no answer after it.
    static let floods: [Fault] = [
        .flood("SETTINGS", HTTP2Frame(.settings), .unknown("connection-lost")),
        .http2("floods with PING", .possible, .timedOut(), deadline: Fault.shortDeadline) { exchange in
            // As many as nghttp2 takes: with a thousand of them unanswered it would end the connection.
            let pings = HTTP2Frame.bytes(.init(repeating: .ping, count: 100))
            exchange.repeatedly(every: .milliseconds(50)) { $0.connection.send(bytes: pings) }
        },
        .flood("WINDOW_UPDATE", HTTP2Frame(.windowUpdate, payload: [0, 0, 0, 1]), .timedOut()),
        .flood("PRIORITY", HTTP2Frame(.priority, stream: 1, payload: [0, 0, 0, 3, 1]), .timedOut()),
        .flood("frames of an unknown kind", HTTP2Frame.unknownKind, .timedOut()),
        .http2("floods with empty DATA frames", .possible, .timedOut(after: 200), deadline: Fault.shortDeadline) {
            $0.head(200)
            $0.pour(
                HTTP2Frame.bytes(.init(repeating: HTTP2Frame(.data, stream: $0.stream), count: 1000)),
                upTo: 1_000_000
            )
        },
        .http2("floods with CONTINUATION frames", .possible, .unknown("connection-lost")) { exchange in
            let field = HTTP2Frame.field("x", String(repeating: "x", count: 1000))
            exchange.frames(HTTP2Frame(.headers, stream: exchange.stream, payload: HTTP2Frame.block(204)))
            exchange.pour(
                HTTP2Frame.bytes([HTTP2Frame(.continuation, stream: exchange.stream, payload: field)]),
                upTo: 1_000_000
            )
        },
        .http2("answers a small head that unpacks to 15 MB", .possible, .unknown("connection-lost")) { exchange in
            // Into the table of fields, and from there again and again.
            let large = [0x40] + HTTP2Frame.field("x", String(repeating: "x", count: 3000)).dropFirst()
            let block = HTTP2Frame.block(204) + large + [UInt8](repeating: 0xBE, count: 5000)
            exchange.frames(
                HTTP2Frame(
                    .headers,
                    flags: HTTP2Frame.endHeaders | HTTP2Frame.endStream,
                    stream: exchange.stream,
                    payload: block
                )
            )
        },
    ]

    /// Against the rules of RFC 9113.
    static let violations: [Fault] = [
        .violation("bytes that are no frames") { $0.text("HTTP/1.1 204 No Content\r\n\r\n") },
        .violation("a frame larger than was agreed on") { exchange in
            exchange.frames(HTTP2Frame(.data, stream: exchange.stream, payload: [UInt8](repeating: 0, count: 20_000)))
        },
        .violation("DATA on no stream") { $0.frames(HTTP2Frame(.data, payload: [1])) },
        .violation("a body without a head") { $0.frames(.data("hello", stream: $0.stream, end: true)) },
        .violation("an answer on a stream that was not opened") { $0.frames(.head(204, stream: 99, end: true)) },
        .violation("PUSH_PROMISE, which is switched off") { exchange in
            let promised: [UInt8] = [0, 0, 0, 2] + [0x82, 0x87, 0x84]
            exchange.frames(
                HTTP2Frame(.pushPromise, flags: HTTP2Frame.endHeaders, stream: exchange.stream, payload: promised)
            )
        },
        .violation("WINDOW_UPDATE of 0 for the connection") {
            $0.frames(HTTP2Frame(.windowUpdate, payload: [0, 0, 0, 0]))
        },
        .violation("WINDOW_UPDATE of 0 for the stream") {
            $0.frames(HTTP2Frame(.windowUpdate, stream: $0.stream, payload: [0, 0, 0, 0]))
        },
        .violation("SETTINGS with a window that is too large") {
            $0.frames(HTTP2Frame(.settings, payload: [0, 4, 0xFF, 0xFF, 0xFF, 0xFF]))
        },
        .violation("a head whose compression is broken") {
            $0.frames(
                HTTP2Frame(
                    .headers,
                    flags: HTTP2Frame.endHeaders,
                    stream: $0.stream,
                    payload: [0x89, 0xFF, 0xFF, 0xFF]
                )
            )
        },
        .violation("a field's name in upper case") { $0.head(204, [("Request-Id", "1")], end: true) },
        .violation("a head without a status") {
            let field = HTTP2Frame.field("request-id", "1")
            $0.frames(HTTP2Frame(.headers, flags: HTTP2Frame.endHeaders, stream: $0.stream, payload: field))
        },
        .violation("more padding than the frame has room for") {
            let payload = [200] + HTTP2Frame.block(204)
            $0.frames(
                HTTP2Frame(
                    .headers,
                    flags: HTTP2Frame.padded | HTTP2Frame.endHeaders,
                    stream: $0.stream,
                    payload: payload
                )
            )
        },
        .http2("answers 200 with less than its length", .possible, .unknown("connection-lost", after: 200)) {
            $0.head(200, [("content-length", "10")])
            $0.body("half", end: true)
        },
        .http2("answers 200 with more than its length", .possible, .unknown("connection-lost", after: 200)) {
            $0.head(200, [("content-length", "5")])
            $0.body("hello and goodbye", end: true)
        },
    ]

    /// Within the rules, if rare.
    static let unusual: [Fault] = [
        .http2("answers 204 with padding", .certain, .created) {
            let flags = HTTP2Frame.padded | HTTP2Frame.endHeaders | HTTP2Frame.endStream
            let payload = [9] + HTTP2Frame.block(204) + [UInt8](repeating: 0, count: 9)
            $0.frames(HTTP2Frame(.headers, flags: flags, stream: $0.stream, payload: payload))
        },
        .http2("answers 204 and ends the stream in a frame of its own", .certain, .created) {
            $0.head(204)
            $0.later { $0.frames(HTTP2Frame(.data, flags: HTTP2Frame.endStream, stream: $0.stream)) }
        },
        .http2("answers 204 after a frame of an unknown kind", .certain, .created) {
            $0.frames(.unknownKind)
            $0.answer(204)
        },
    ]
}

extension Fault {
    fileprivate static func flood(_ name: String, _ frame: HTTP2Frame, _ expected: Expectation) -> Fault {
        .http2("floods with \(name)", .possible, expected, deadline: shortDeadline) {
            $0.pour(HTTP2Frame.bytes(.init(repeating: frame, count: 5000)), upTo: 1_000_000)
        }
    }

    fileprivate static func violation(_ name: String, _ happens: @escaping @Sendable (Exchange) -> Void) -> Fault {
        .http2("sends \(name)", .possible, .unknown("connection-lost"), happens)
    }

    fileprivate static func http2(
        _ name: String,
        _ effect: Effect,
        _ expected: Expectation,
        deadline: Duration,
        _ happens: @escaping @Sendable (Exchange) -> Void
    ) -> Fault {
        Fault(
            name: name,
            versions: [.http2],
            effect: effect,
            deadline: deadline,
            expected: expected,
            happens: happens
        )
    }
}

extension HTTP2Frame {
    fileprivate static let ping = HTTP2Frame(.ping, payload: [UInt8](repeating: 0, count: 8))
    fileprivate static let padded: UInt8 = 0x8

    fileprivate static let unknownKind: HTTP2Frame = {
        var frame = HTTP2Frame(.data, payload: [1, 2, 3])
        frame.kind = 0xF0
        return frame
    }()
}
