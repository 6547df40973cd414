import NIOCore
import TestUpstream

extension FaultSection {
    /// What is no answer, or half of one.
    static let broken: [Fault] = [
        .http1("answers with bytes that are no HTTP", .unknown("malformed-response")) {
            $0.text("SSH-2.0-OpenSSH_9.2\r\n")
        },
        .http1("answers half a head, and ends the connection", .unknown("connection-lost")) { exchange in
            exchange.text("HTTP/1.1 204 No Content\r\nReq")
            exchange.end(.goodbye)
        },
        .http1("answers a head without its empty line, and ends the connection", .unknown("connection-lost")) {
            exchange in
            exchange.text("HTTP/1.1 204 No Content\r\nRequest-Id: 1\r\n")
            exchange.end(.goodbye)
        },
        .http1("answers 100 alone, and ends the connection", .unknown("connection-lost")) { exchange in
            exchange.head(100)
            exchange.end(.goodbye)
        },
        .http1("answers a field without a colon", .unknown("malformed-response")) {
            $0.text("HTTP/1.1 204 No Content\r\nno colon here\r\n\r\n")
        },
        .http1("answers a field with a space in its name", .unknown("malformed-response")) {
            $0.text("HTTP/1.1 204 No Content\r\nBad name: 1\r\n\r\n")
        },
        .http1("answers a status of four digits", .unknown("malformed-response")) {
            $0.text("HTTP/1.1 2040 No Content\r\n\r\n")
        },
        .http1("answers two lengths that differ", .unknown("malformed-response")) {
            $0.text("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx")
        },
        .http1("answers a negative length", .unknown("malformed-response")) {
            $0.text("HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\n")
        },
        .http1("answers 200 with a chunk whose size is none", .unknown("malformed-response", after: 200)) {
            $0.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nx\r\n0\r\n\r\n")
        },
        .http1("answers 200 with half a chunk, and ends the connection", .unknown("connection-lost", after: 200)) {
            $0.text("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal")
            $0.end(.goodbye)
        },
        .http1("answers 200 with more than its length", .ambiguous(200)) {
            $0.text("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello and goodbye")
        },
        Fault(
            name: "answers 200 with half its body, and ends the connection",
            expected: .unknown("connection-lost", after: 200)
        ) {
            $0.half(200, thenEnds: .goodbye)
        },
        Fault(
            name: "answers 200 with half its body, and resets the connection",
            expected: .unknown("connection-lost", after: 200)
        ) {
            $0.half(200, thenEnds: .reset)
        },
        Fault(name: "answers 404 with half its body, and ends the connection", effect: .none, expected: .halfOf(404)) {
            $0.half(404, thenEnds: .goodbye)
        },
    ]

    /// What never ends, or is too much.
    static let endless: [Fault] = [
        Fault(name: "answers 200 with 50 MB and their length", expected: .unknown("response-too-large", after: 200)) {
            $0.head(200, [("content-length", "50000000")])
            $0.pourBody()
        },
        Fault(name: "answers 200 with 50 MB and no length", expected: .unknown("response-too-large", after: 200)) {
            $0.head(200, $0.version == .http1 ? [("connection", "close")] : [])
            $0.pourBody()
        },
        .http1("answers 204 in a head of 100 KB", .unknown("malformed-response")) { exchange in
            exchange.head(204, (0..<100).map { ("x-\($0)", String(repeating: "x", count: 1000)) })
        },
        Fault(name: "answers 103 again and again", expected: .unknown("malformed-response")) { exchange in
            exchange.repeatedly(every: .milliseconds(1)) { exchange in
                exchange.head(103, [("link", String(repeating: "x", count: 1000))])
            }
        },
        Fault(
            name: "answers a head that never ends, a byte at a time",
            deadline: Fault.shortDeadline,
            expected: .timedOut()
        ) { $0.endlessHead() },
        Fault(
            name: "answers 200 with a body that never ends, a byte at a time",
            deadline: Fault.shortDeadline,
            expected: .timedOut(after: 200)
        ) { exchange in
            exchange.head(200, [("content-length", "100000")])
            exchange.repeatedly(every: .milliseconds(20)) { $0.body("x") }
        },
    ]
}

extension Exchange {
    fileprivate func half(_ status: Int, thenEnds death: Death) {
        head(status, [("content-length", "10")])
        body("half")
        // Until the client has the first half there is nothing to see of it: a reset may overtake it.
        later { $0.end(death) }
    }

    fileprivate func pourBody() {
        let part = [UInt8](repeating: UInt8(ascii: "x"), count: 16_000)
        let frame = HTTP2Frame(.data, stream: stream, payload: part)
        pour(version == .http1 ? part : HTTP2Frame.bytes([frame]), upTo: 50_000_000)
    }

    fileprivate func endlessHead() {
        switch version {
        case .http1:
            text("HTTP/1.1 204 No Content\r\nX: ")
            repeatedly(every: .milliseconds(20)) { $0.text("x") }
        case .http2:
            let value = String(repeating: "x", count: 15_000)
            let head = HTTP2Frame.bytes([.head(204, [("x", value)], stream: stream, end: true)])
            connection.send(bytes: Array(head.prefix(100)))
            repeatedly(every: .milliseconds(20)) { $0.connection.send(bytes: [UInt8(ascii: "x")]) }
        }
    }
}

extension Expectation {
    /// A head is an answer, though the rest did not come.
    fileprivate static func halfOf(_ status: Int) -> Expectation {
        Expectation(
            outcome: "unknown: connection-lost after \(status)",
            ifNotCreated: "404 `profile-not-found`, not created"
        )
    }
}

extension Fault {
    init(
        name: String,
        deadline: Duration,
        expected: Expectation,
        happens: @escaping @Sendable (Exchange) -> Void
    ) {
        self.init(name: name, effect: .possible, deadline: deadline, expected: expected, happens: happens)
    }

    fileprivate static func http1(
        _ name: String,
        _ expected: Expectation,
        _ happens: @escaping @Sendable (Exchange) -> Void
    ) -> Fault {
        Fault(name: name, versions: [.http1], expected: expected, happens: happens)
    }
}
