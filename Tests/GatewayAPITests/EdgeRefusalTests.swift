import Testing

@testable import GatewayAPI

/// What the edge refuses by itself, over real connections.
@Suite("Requests that the edge refuses", .timeLimit(.minutes(5)))
struct EdgeRefusalTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var bytes: [UInt8]
        var expected: ExpectedProblem
        var testDescription: String { name }

        init(_ name: String, _ text: String, _ code: ProblemCode = .requestInvalid, member: String? = nil) {
            self.init(name, bytes: Array(text.utf8), code, member: member)
        }

        init(_ name: String, bytes: [UInt8], _ code: ProblemCode = .requestInvalid, member: String? = nil) {
            self.name = name
            self.bytes = bytes
            expected = ExpectedProblem(code, member: member)
        }
    }

    private static let target = Gateway.path
    /// A good POST's beginning, for what follows to spoil.
    private static let begin = "POST \(target) HTTP/1.1\r\nHost: gateway.test\r\nX-API-Key: \(Gateway.key)\r\n"
    private static let json = "Content-Type: application/json\r\n"
    private static func chunked(_ rest: String) -> String { begin + json + "Transfer-Encoding: chunked\r\n\r\n" + rest }

    private static let unparsable: [Case] = [
        Case("garbage", "\u{1}\u{2}\u{3}garbage\r\n\r\n"),
        Case("text that is no request", "hello there\r\n\r\n"),
        Case("HTTP/0.9", "GET /openapi.yaml\r\n\r\n"),
        Case("HTTP/2.0 in the request line", "GET /openapi.yaml HTTP/2.0\r\nHost: a\r\n\r\n"),
        Case("HTTP/1.2", "GET /openapi.yaml HTTP/1.2\r\nHost: a\r\n\r\n"),
        Case("HTTP/2's preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Case(
            "a TLS ClientHello",
            bytes: [0x16, 0x03, 0x01, 0x00, 0xA5, 0x01, 0x00, 0x00, 0xA1, 0x03, 0x03]
                + [UInt8](repeating: 0x0A, count: 150)
        ),
        Case("a method that does not exist", "MINT \(target) HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("a method in lower case", "post \(target) HTTP/1.1\r\nHost: a\r\n\r\n"),
        Case("a space before a field's colon", begin + "X-Thing : 1\r\n\r\n"),
        Case("a field without a colon", begin + "X-Thing\r\n\r\n"),
        Case("a field without a name", begin + ": 1\r\n\r\n"),
        Case("NUL in a value", begin + "X-Thing: a\u{0}b\r\n\r\n"),
        Case("CR alone in a value", begin + "X-Thing: a\rb\r\n\r\n"),
        Case("a folded field", begin + "X-Thing: a\r\n b\r\n\r\n"),
        Case("DEL in a value", begin + "X-Thing: a\u{7F}b\r\n\r\n"),
        Case("ESC in a value", begin + "X-Thing: a\u{1B}b\r\n\r\n"),
        Case("line feeds alone", "POST \(target) HTTP/1.1\nHost: a\nX-API-Key: \(Gateway.key)\n\n"),
    ]

    private static let targets: [Case] = [
        Case("CONNECT", "CONNECT gateway.test:443 HTTP/1.1\r\nHost: gateway.test:443\r\n\r\n"),
        Case(
            "an absolute target",
            "POST http://gateway.test\(target) HTTP/1.1\r\nHost: gateway.test\r\nX-API-Key: \(Gateway.key)\r\n\r\n"
        ),
        Case("an asterisk", "OPTIONS * HTTP/1.1\r\nHost: gateway.test\r\n\r\n"),
        Case("a fragment", "POST \(target)#x HTTP/1.1\r\nHost: gateway.test\r\nX-API-Key: \(Gateway.key)\r\n\r\n"),
        Case(
            "a target that is not ASCII",
            "POST \(target)?kind=\u{E9} HTTP/1.1\r\nHost: gateway.test\r\nX-API-Key: \(Gateway.key)\r\n\r\n"
        ),
        Case("no Host", "POST \(target) HTTP/1.1\r\nX-API-Key: \(Gateway.key)\r\n\r\n", member: "Host"),
        Case("two Hosts", begin + "Host: other.test\r\n\r\n", member: "Host"),
        Case("two Hosts that agree", begin + "Host: gateway.test\r\n\r\n", member: "Host"),
        Case("a Host with a path", RawRequest.post(host: "gateway.test/x"), member: "Host"),
        Case("a Host with a user", RawRequest.post(host: "user@gateway.test"), member: "Host"),
        Case("a Host with a space", RawRequest.post(host: "gateway test"), member: "Host"),
    ]

    private static let lengths: [Case] = [
        Case("two lengths", begin + json + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x"),
        Case("two lengths that agree", begin + json + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}"),
        Case("a list of lengths", begin + json + "Content-Length: 2, 2\r\n\r\n{}"),
        Case("a length with a sign", begin + json + "Content-Length: +5\r\n\r\n{   }"),
        Case("a negative length", begin + json + "Content-Length: -5\r\n\r\n{   }"),
        Case("a hexadecimal length", begin + json + "Content-Length: 0x5\r\n\r\n{   }"),
        Case("a length with a blank in it", begin + json + "Content-Length: 1 0\r\n\r\n{        }"),
        Case("an empty length", begin + json + "Content-Length: \r\n\r\n"),
        Case("a length beyond 64 bits", begin + json + "Content-Length: 99999999999999999999\r\n\r\n{}"),
        Case(
            "a length and a coding",
            begin + json + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        ),
        Case(
            "a coding and a length",
            begin + json + "Transfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        ),
        Case("xchunked", begin + json + "Transfer-Encoding: xchunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        Case("chunked, identity", begin + json + "Transfer-Encoding: chunked, identity\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        Case("gzip, chunked", begin + json + "Transfer-Encoding: gzip, chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"),
        Case("identity", begin + json + "Transfer-Encoding: identity\r\n\r\n"),
        Case(
            "two codings",
            begin + json + "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        ),
        Case(
            "a coding in HTTP/1.0",
            begin.replacing("HTTP/1.1", with: "HTTP/1.0") + json
                + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
        ),
        Case("a chunk's size that is no number", chunked("zz\r\n{}\r\n0\r\n\r\n")),
        Case("a chunk's size with a sign", chunked("+2\r\n{}\r\n0\r\n\r\n")),
        Case("a chunk's size beyond 64 bits", chunked("FFFFFFFFFFFFFFFFF\r\n{}\r\n0\r\n\r\n")),
        Case("a chunk longer than it says", chunked("2\r\n{   }\r\n0\r\n\r\n")),
    ]

    private static let sizes: [Case] = [
        Case("a URL of 16 KB", RawRequest.post(target + "?kind=" + String(repeating: "x", count: 16_384)), .urlTooLong),
        Case("a URL one byte too long", RawRequest.post("/" + String(repeating: "x", count: 8192)), .urlTooLong),
        Case("a URL that does not end", "POST /" + String(repeating: "x", count: 40_000), .urlTooLong),
        Case("101 fields", RawRequest.post((0..<99).map { "X-\($0): 1" }), .headersTooLarge),
        Case(
            "one field of 64 KB",
            RawRequest.post(["X-Long: " + String(repeating: "x", count: 65_536)]),
            .headersTooLarge
        ),
        Case("a key of 64 KB", RawRequest.post(key: String(repeating: "x", count: 65_536)), .headersTooLarge),
        Case(
            "fields of 1 MB",
            RawRequest.post((0..<90).map { "X-\($0): " + String(repeating: "x", count: 11_700) }),
            .headersTooLarge
        ),
        Case("a field that does not end", begin + "X-Long: " + String(repeating: "x", count: 40_000), .headersTooLarge),
        Case(
            "a field's name of 20 KB",
            begin + String(repeating: "x", count: 20_000) + ": 1\r\n\r\n",
            .headersTooLarge
        ),
        Case("a body announced as 10 MB", begin + json + "Content-Length: 10485760\r\n\r\n{", .bodyTooLarge),
        Case("a body one byte too long", RawRequest.post(body: String(repeating: " ", count: 16_385)), .bodyTooLarge),
        Case(
            "a chunk announced as 10 MB",
            chunked("A00000\r\n" + String(repeating: " ", count: 20_000)),
            .bodyTooLarge
        ),
        Case(
            "chunks that are too much together",
            chunked(String(repeating: "1000\r\n\(String(repeating: " ", count: 4096))\r\n", count: 5)),
            .bodyTooLarge
        ),
        Case(
            "Expect before a body that is too large",
            begin + json + "Expect: 100-continue\r\nContent-Length: 10485760\r\n\r\n",
            .bodyTooLarge
        ),
    ]

    @Test("unparsable requests are 400", arguments: unparsable)
    func parse(request: Case) async throws { try await check(request) }

    @Test("targets and hosts that are not ours are 400", arguments: targets)
    func target(request: Case) async throws { try await check(request) }

    @Test("a body's length that could be read in two ways is 400 or worse", arguments: lengths)
    func length(request: Case) async throws { try await check(request, anyMember: true) }

    @Test("too much of anything is 413, 414 or 431", arguments: sizes)
    func size(request: Case) async throws { try await check(request) }

    /// One answer, a problem document, `Connection: close`, the end; one access line; nothing reached the creator.
    private func check(_ request: Case, anyMember: Bool = false) async throws {
        let gateway = Gateway()
        let isBeyond = request.name == "a length beyond 64 bits"
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                // What the server no longer wants it may refuse to take.
                try? await wire.send(request.bytes)
                let answer = try #require(await wire.answer())
                var expected = request.expected
                if anyMember { expected.member = try answer.decoded(ProblemDocument.self).member }
                // The parser or the edge may be the one that minds: both refuse.
                if isBeyond, answer.status == 413 { expected.code = .bodyTooLarge }
                try expect(answer, is: expected)
                #expect(answer["Connection"] == "close")
                #expect(answer["Content-Length"] == String(answer.body.utf8.count))
                #expect(answer["Date"] != nil)
                #expect(try await wire.rest() == "")
            }
        }
        #expect(gateway.tokens.calls.isEmpty)
        let lines = gateway.accessLines
        #expect(lines.count == 1)
        #expect(lines.first?["http.route"] == "none")
        #expect(lines.first?["problem.code"] == request.expected.code.rawValue || isBeyond)
    }

    @Test("a body of 10 MB that is really sent ends with 413 and a closed connection")
    func tenMegabytes() async throws {
        let gateway = Gateway()
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.begin + Self.json + "Content-Length: 10485760\r\n\r\n")
                try expect(#require(await wire.answer()), is: ExpectedProblem(.bodyTooLarge))
                let piece = [UInt8](repeating: 0x20, count: 65_536)
                var sent = 0
                while sent < 160 {
                    do { try await wire.send(piece) } catch { break }
                    sent += 1
                }
                #expect(try await wire.rest() == "")
            }
            // The server is as good as before.
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                #expect(try await wire.answer()?.status == 201)
            }
        }
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test(
        "the caller's id comes back from the edge as well, if it is a sane one and stands alone",
        arguments: [
            (["X-Request-ID: mine-1"], true), (["X-Request-ID: not sane"], false),
            (["X-Request-ID: a", "X-Request-ID: b"], false),
        ]
    )
    func requestID(fields: [String], isAdopted: Bool) async throws {
        let gateway = Gateway()
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(host: nil, fields))
                let answer = try #require(await wire.answer())
                try expect(answer, is: ExpectedProblem(.requestInvalid, member: "Host"))
                #expect((answer["X-Request-ID"] == "mine-1") == isAdopted)
                #expect(answer["X-Request-ID"] != "a")
            }
        }
    }

    @Test(
        "a refusal has the outcome of what was asked for",
        arguments: [
            ("POST", "not-created"), ("DELETE", "not-revoked"), ("GET", nil), ("PUT", "not-created"),
        ] as [(String, String?)]
    )
    func outcome(method: String, outcome: String?) async throws {
        try await Gateway().withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.make(method, Gateway.path, host: nil))
                let expected = ExpectedProblem(.requestInvalid, outcome: outcome, member: "Host")
                try expect(#require(await wire.answer()), is: expected)
            }
        }
    }

    @Test("a HEAD that is refused gets the same fields without a body")
    func head() async throws {
        let gateway = Gateway()
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.make("HEAD", "/openapi.yaml", host: nil))
                let answer = try #require(await wire.answer(toHEAD: true))
                #expect(answer.status == 400)
                #expect(answer["Content-Type"] == "application/problem+json")
                #expect(try await wire.rest() == "")
            }
        }
    }
}
