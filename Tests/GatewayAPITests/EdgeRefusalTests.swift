import HTTPTypes
import InMemoryLogging
import Logging
import Testing

@testable import GatewayAPI

@Suite("Requests that the edge refuses", .timeLimit(.minutes(1)))
struct EdgeRefusalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var testDescription: String
        var bytes: [UInt8]
        var code: ProblemCode
        var member: String?

        init(_ name: String, _ text: String, _ code: ProblemCode = .requestInvalid, member: String? = nil) {
            self.init(name, Array(text.utf8), code, member: member)
        }

        init(_ name: String, _ bytes: [UInt8], _ code: ProblemCode = .requestInvalid, member: String? = nil) {
            testDescription = name
            self.bytes = bytes
            self.code = code
            self.member = member
        }

        /// A POST with these fields; nothing of a body follows.
        init(_ name: String, fields: [String], _ code: ProblemCode = .requestInvalid, member: String? = nil) {
            self.init(name, RawRequest.post(fields: fields), code, member: member)
        }
    }

    private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

    private static let malformed: [Row] = [
        Row("garbage", "\u{1}\u{2}garbage\r\n\r\n"),
        Row("HTTP/2 without negotiation", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"),
        Row("HTTP/3.0", RawRequest.post(version: "HTTP/3.0")),
        Row("TLS ClientHello", [0x16, 0x03, 0x01, 0x00, 0x05, 0x01, 0x00, 0x00, 0x01, 0x03, 0x0D, 0x0A]),
        Row("CONNECT", RawRequest.make("CONNECT", "graph.test:443", host: "graph.test:443")),
        Row("absolute-form", RawRequest.post(to: "http://gateway.test" + Gateway.path)),
        Row("asterisk-form", RawRequest.make("OPTIONS", "*")),
        Row("fragment", RawRequest.post(to: Gateway.path + "#x")),
        Row("NUL in a value", fields: ["X-A: a\u{0}b"]),
        Row("control character in a value", fields: ["X-A: a\u{1}b"]),
        Row("folded line", fields: ["X-A: a", " b"]),
        Row("space before the colon", fields: ["X-A : a"]),
    ]

    private static let hosts: [Row] = [
        Row("no Host", RawRequest.post(host: nil), member: "Host"),
        Row("two Hosts", fields: ["Host: gateway.test"], member: "Host"),
        Row("Host with a path", RawRequest.post(host: "gateway.test/x"), member: "Host"),
        Row("Host with user information", RawRequest.post(host: "me@gateway.test"), member: "Host"),
    ]

    private static let lengths: [Row] = [
        Row("length and coding", RawRequest.post(fields: ["Content-Length: 2", "Transfer-Encoding: chunked"])),
        Row("coding and length", RawRequest.post(fields: ["Transfer-Encoding: chunked", "Content-Length: 2"])),
        Row("two lengths", fields: ["Content-Length: 2", "Content-Length: 3"]),
        Row("two equal lengths", fields: ["Content-Length: 2", "Content-Length: 2"]),
        Row("a list of lengths", fields: ["Content-Length: 2, 2"]),
        Row("+5", fields: ["Content-Length: +5"]),
        Row("-5", fields: ["Content-Length: -5"]),
        Row("0x5", fields: ["Content-Length: 0x5"]),
        Row("a length beyond 64 bits", fields: ["Content-Length: 99999999999999999999999"]),
        Row("xchunked", fields: ["Transfer-Encoding: xchunked"]),
        Row("chunked, identity", fields: ["Transfer-Encoding: chunked, identity"]),
        Row("gzip, chunked", fields: ["Transfer-Encoding: gzip, chunked"], member: "Transfer-Encoding"),
        Row("chunked twice", fields: ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]),
        Row("chunked in HTTP/1.0", RawRequest.post(version: "HTTP/1.0", fields: ["Transfer-Encoding: chunked"])),
        Row("no chunk size", RawRequest.post(fields: ["Transfer-Encoding: chunked"]) + "zz\r\n{}\r\n0\r\n\r\n"),
        Row(
            "a chunk size beyond 64 bits",
            RawRequest.post(fields: ["Transfer-Encoding: chunked"]) + "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"
        ),
        Row(
            "a chunk longer than its size",
            RawRequest.post(fields: ["Transfer-Encoding: chunked"]) + "1\r\n{}\r\n0\r\n\r\n"
        ),
    ]

    private static let sizes: [Row] = [
        Row("101 fields", fields: (0..<99).map { "X-\($0): a" }, .headersTooLarge),
        Row("one field of 64 KB", fields: ["X-A: " + text(65_536)], .headersTooLarge),
        Row("a megabyte of fields", fields: (0..<64).map { "X-\($0): " + text(16_000) }, .headersTooLarge),
        Row("a URL of 16 KB", RawRequest.post(to: "/" + text(16_384)), .urlTooLong),
        Row("a URL of 64 KB", RawRequest.post(to: "/" + text(65_536)), .urlTooLong),
        Row("a URL one byte too long", RawRequest.post(to: "/" + text(8192)), .urlTooLong),
        Row("a URL that does not end", "POST /" + text(65_536), .urlTooLong),
        Row("a head that does not end", "GET / HTTP/1.1\r\nX-A: " + text(65_536), .headersTooLarge),
        Row("a body too large by its length", fields: ["Content-Length: 16385"], .bodyTooLarge),
        Row(
            "a body too large in chunks",
            RawRequest.post(fields: ["Transfer-Encoding: chunked"]) + "4000\r\n" + text(0x4000)
                + "\r\n1\r\nx\r\n0\r\n\r\n",
            .bodyTooLarge
        ),
    ]

    @Test(
        "is a problem document, the connection ends, and nothing is created",
        arguments: malformed + hosts + lengths + sizes
    )
    func refused(row: Row) async throws {
        let gateway = Gateway()
        let (answer, rest) = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                // The edge may have closed before all is sent.
                try? await wire.send(row.bytes)
                return (try await wire.answer(), try await wire.rest())
            }
        }
        let refusal = try #require(answer)
        let member = try refusal.decoded(ProblemDocument.self).member
        try expect(refusal, is: ExpectedProblem(row.code, member: row.member ?? member))
        #expect(refusal["Connection"] == "close")
        #expect(rest.isEmpty)
        #expect(gateway.tokens.calls.isEmpty)
        try #require(gateway.accessLines.count == 1)
        let line = gateway.accessLines[0].metadata
        #expect(line["problem.code"] == "\(row.code.rawValue)")
        #expect(line["http.status"] == "\(row.code.status.code)")
        #expect(line["request.id"] == refusal["X-Request-ID"].map { "\($0)" })
    }

    @Test(
        "a smuggled second request is not answered",
        arguments: [
            ["Content-Length: 4", "Transfer-Encoding: chunked"], ["Content-Length: 0", "Content-Length: 40"],
        ]
    )
    func smuggling(fields: [String]) async throws {
        let gateway = Gateway()
        let (answer, rest) = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(fields: fields) + "0\r\n\r\n" + RawRequest.post())
                return (try await wire.answer(), try await wire.rest())
            }
        }
        #expect(answer?.status == 400)
        #expect(rest.isEmpty)
        #expect(gateway.tokens.calls.isEmpty)
    }
}
