import TestUpstream

extension FaultSection {
    /// What only HTTP/2 can do (RFC 9113).
    static let http2 = FaultSection(
        title: "HTTP/2",
        text: """
            HTTP/2 can say that a request was not read: with REFUSED_STREAM, or with a GOAWAY that names an earlier stream. Where
            libcurl lets the gateway see that for certain it sends again, and where it does not the gateway reads back.
            """,
        faults: refusals + goodbyes + resets + floods + violations + unusual
    )

    private static let refusals: [Fault] = [
        Fault(
            name: "refuses the stream once (REFUSED_STREAM)",
            versions: [.http2],
            connections: [.fresh],
            effect: .certain,
            isPassing: true,
            expected: .secondTry(after: "refused unread", seen: "1 refused + 1")
        ) {
            $0.refuse()
            $0.reset(.refusedStream)
        },
        .refusing(on: .fresh, .secondRefusalUnclear),
        .refusing(on: .reused, .unread("connection-lost", seen: "1 refused")),
        .http2(
            "says GOAWAY below the stream, and ends the connection",
            .none,
            .unread("connection-lost", seen: "1 refused")
        ) {
            $0.refuse()
            $0.frames(.goAway(last: 0))
            $0.later { $0.end(.goodbye) }
        },
        .http2(
            "says GOAWAY below the stream, and keeps the connection",
            .none,
            .unread("connection-lost", seen: "1 refused")
        ) {
            $0.refuse()
            $0.frames(.goAway(last: 0))
        },
    ]

    private static let goodbyes: [Fault] = [
        .http2("says GOAWAY at the stream, then answers 204", .certain, .created) { exchange in
            exchange.frames(.goAway(last: exchange.stream))
            exchange.later { $0.answer(204) }
        },
        .http2("says GOAWAY twice, above the stream and at it, then answers 204", .certain, .created) { exchange in
            exchange.frames(.goAway(last: 0x7FFF_FFFF))
            exchange.later { exchange in
                exchange.frames(.goAway(last: exchange.stream))
                exchange.later { $0.answer(204) }
            }
        },
        .http2("says GOAWAY at the stream, and ends the connection", .possible, .unknown("connection-lost")) {
            exchange in
            exchange.frames(.goAway(last: exchange.stream))
            exchange.later { $0.end(.goodbye) }
        },
        .http2("says GOAWAY with INTERNAL_ERROR, and ends the connection", .possible, .unknown("connection-lost")) {
            exchange in
            exchange.frames(.goAway(last: exchange.stream, .internalError))
            exchange.later { $0.end(.goodbye) }
        },
        Fault(
            name: "said GOAWAY while the connection was idle, and kept it",
            versions: [.http2],
            connections: [.reused],
            effect: .certain,
            whileIdle: { $0.frames(.goAway(last: $0.stream)) },
            expected: .created
        ),
        .http2("answers 204, says GOAWAY and ends the connection", .certain, .created) { exchange in
            exchange.answer(204)
            exchange.frames(.goAway(last: exchange.stream))
            exchange.end(.goodbye)
        },
    ]

    private static let resets: [Fault] = [
        .early(204, .certain, .created),
        .early(403, .none, .refused(403, "502 `graph-forbidden`, not created")),
        .http2("answers 204 in full, and resets the stream with NO_ERROR at once", .certain, .created) {
            $0.answer(204)
            $0.reset(.noError)
        },
        .http2("answers 204 in full, and resets the stream with NO_ERROR later", .certain, .created) {
            $0.answer(204)
            $0.later { $0.reset(.noError) }
        },
        .http2("answers half a frame, and ends the connection", .possible, .unknown("connection-lost")) { exchange in
            let bytes = HTTP2Frame.bytes([.head(204, [("request-id", "1")], stream: exchange.stream, end: true)])
            exchange.connection.send(bytes: Array(bytes.dropLast(4)))
            exchange.end(.goodbye)
        },
        .reset("NO_ERROR", .noError),
        .reset("PROTOCOL_ERROR", .protocolError),
        .reset("INTERNAL_ERROR", .internalError),
        .reset("CANCEL", .cancel),
        .reset("ENHANCE_YOUR_CALM", .enhanceYourCalm),
        .reset("HTTP_1_1_REQUIRED", .http11Required),
        .http2(
            "answers 200 with half its body, and resets the stream",
            .possible,
            .unknown("connection-lost", after: 200)
        ) {
            $0.head(200, [("content-length", "10")])
            $0.body("half")
            $0.later { $0.reset(.internalError) }
        },
        .http2("answers 204 without ending the stream, and resets it", .certain, .answeredInHead) {
            $0.head(204)
            $0.later { $0.reset(.internalError) }
        },
    ]
}

extension Fault {
    static func http2(
        _ name: String,
        _ effect: Effect,
        _ expected: Expectation,
        _ happens: @escaping @Sendable (Exchange) -> Void
    ) -> Fault {
        Fault(name: name, versions: [.http2], effect: effect, expected: expected, happens: happens)
    }

    fileprivate static func refusing(on connection: Connection, _ expected: Expectation) -> Fault {
        Fault(
            name: "refuses every stream (REFUSED_STREAM)",
            versions: [.http2],
            connections: [connection],
            effect: .none,
            expected: expected
        ) {
            $0.refuse()
            $0.reset(.refusedStream)
        }
    }

    /// Answers in full before it has the body, and resets the stream since it does not want it (RFC 9113 §8.1).
    fileprivate static func early(_ status: Int, _ effect: Effect, _ expected: Expectation) -> Fault {
        var expected = expected
        expected.seen = "1 begun"
        return Fault(
            name: "answers \(status) in full without wanting the body, and resets the stream with NO_ERROR",
            versions: [.http2],
            moment: .head,
            effect: effect,
            settings: .noWindow,
            expected: expected
        ) {
            $0.answer(status)
            $0.later { $0.reset(.noError) }
        }
    }

    fileprivate static func reset(_ name: String, _ code: HTTP2Code) -> Fault {
        .http2("resets the stream with \(name) and no answer", .possible, .unknown("connection-lost")) {
            $0.reset(code)
        }
    }
}

extension Expectation {
    /// The second try goes on the connection that the first one opened: there libcurl does not let a refusal be told from a
    /// loss.
    fileprivate static let secondRefusalUnclear = Expectation(
        outcome: "refused unread, then unknown: connection-lost",
        seen: "2 refused",
        sentAgain: 1,
        ifNotCreated: failed
    )

    /// The head of a 204 is all of it, whatever became of the stream.
    static let answeredInHead = Expectation(outcome: "unknown: connection-lost after 204", ifCreated: "201")
}

extension HTTP2Frame {
    /// SETTINGS that leave no room for a request's body: INITIAL_WINDOW_SIZE of 0 (RFC 9113 §6.5.2).
    static let noWindow = HTTP2Frame(.settings, payload: [0, 4, 0, 0, 0, 0])
}
