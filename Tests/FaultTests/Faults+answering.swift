import TestUpstream

extension FaultSection {
    /// An answer came, or something in its place.
    static let answering = FaultSection(
        title: "Answering",
        text: """
            A whole 204 is "created". A whole answer that says no is "not created". All else is read back, be it broken, endless,
            too large or another server's page.
            """,
        faults: sound + refusing + useless + broken + endless
    )

    private static let sound: [Fault] = [
        .created("answers 204") { $0.answer(204) },
        .created("answers 204 a byte at a time") { exchange in
            switch exchange.version {
            case .http1: exchange.trickle(Array("HTTP/1.1 204 No Content\r\nRequest-Id: 1\r\n\r\n".utf8)[...])
            case .http2:
                let head = HTTP2Frame.head(204, [("request-id", "1")], stream: exchange.stream, end: true)
                exchange.trickle(HTTP2Frame.bytes([head])[...])
            }
        },
        .created("answers 100 and 103 before its 204") { exchange in
            exchange.head(100)
            exchange.head(103, [("link", "</style.css>; rel=preload")])
            exchange.answer(204)
        },
        Fault(
            name: "answers 204, and a body with it",
            versions: [.http1],
            effect: .certain,
            expected: .created
        ) { exchange in
            exchange.head(204, [("content-length", "5")])
            exchange.body("hello")
        },
        .http2("answers 204, and a body with it", .certain, .answeredInHead) { exchange in
            exchange.head(204)
            exchange.body("hello", end: true)
        },
        .created("answers 204, and ends the connection") { exchange in
            exchange.answer(204)
            exchange.end(.goodbye)
        },
    ]

    private static let refusing: [Fault] = [
        .redirect(302),
        .redirect(307),
        .refusing(400, "422 `graph-refused`, not created"),
        .refusing(403, "502 `graph-forbidden`, not created"),
        .refusing(404, "404 `profile-not-found`, not created"),
        .refusing(409, "409 `conflict`, not created"),
        .refusing(417),
        Fault(
            name: "answers 401, and 204 to the next access token",
            effect: .certain,
            isPassing: true,
            expected: .secondTry(after: "answered 401", seen: "1 refused + 1"),
            happens: { exchange in
                exchange.refuse()
                exchange.answer(401)
            }
        ),
        Fault(
            name: "answers 429 with `Retry-After: 1`, and 204 afterwards",
            effect: .certain,
            isPassing: true,
            expected: .secondTry(after: "answered 429", seen: "1 refused + 1"),
            happens: { exchange in
                exchange.refuse()
                exchange.answer(429, [("retry-after", "1")])
            }
        ),
    ]

    private static let useless: [Fault] = [
        Fault(name: "answers 200 with a page, as a captive portal does", expected: .ambiguous(200)) {
            $0.answer(200, [("content-type", "text/html")], body: "<html><body>Sign in</body></html>")
        },
        Fault(name: "answers 408", expected: .ambiguous(408)) { $0.answer(408) },
        Fault(name: "answers 500 with Graph's JSON", expected: .ambiguous(500)) {
            $0.answer(500, [("content-type", "application/json")], body: #"{"error":{"code":"InternalServerError"}}"#)
        },
        Fault(name: "answers 502 with a page, as a load balancer does", expected: .ambiguous(502)) {
            $0.answer(502, [("content-type", "text/html")], body: "<html><body>Bad gateway</body></html>")
        },
        Fault(name: "answers 503 with `Retry-After: 1`", expected: .ambiguous(503)) {
            $0.answer(503, [("retry-after", "1")])
        },
        Fault(name: "answers 504", expected: .ambiguous(504)) { $0.answer(504) },
    ]
}

extension Fault {
    init(name: String, expected: Expectation, happens: @escaping @Sendable (Exchange) -> Void) {
        self.init(name: name, effect: .possible, expected: expected, happens: happens)
    }

    fileprivate static func created(_ name: String, _ happens: @escaping @Sendable (Exchange) -> Void) -> Fault {
        Fault(name: name, effect: .certain, expected: .created, happens: happens)
    }

    fileprivate static func refusing(_ status: Int, _ answer: String = Expectation.failed) -> Fault {
        Fault(
            name: "answers \(status)",
            effect: .none,
            expected: .refused(status, answer),
            happens: { $0.answer(status) }
        )
    }

    fileprivate static func redirect(_ status: Int) -> Fault {
        Fault(
            name: "answers \(status), to look elsewhere",
            effect: .none,
            expected: .refused(status),
            happens: { $0.answer(status, [("location", "/beta/elsewhere")]) }
        )
    }
}
