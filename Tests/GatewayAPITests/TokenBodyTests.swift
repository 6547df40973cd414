import HTTPTypes
import Testing

@testable import GatewayAPI

@Suite("The body", .timeLimit(.minutes(5)))
struct TokenBodyTests {
    private static let member = "tokenValidityInSeconds"
    private static let invalid = ExpectedProblem(.bodyInvalid, member: member)
    private static let outOfRange = ExpectedProblem(.validityOutOfRange, member: member)
    private static let ceiling = ["TOKEN_MAX_VALIDITY_SECONDS": "5000", "TOKEN_DEFAULT_VALIDITY_SECONDS": "4000"]

    private static func validity(_ text: String) -> String { #"{"tokenValidityInSeconds": \#(text)}"# }

    @Test(
        "no body, an empty one and an empty object mean the configured default",
        arguments: [nil, "", "{}", " {\t\r\n} "] as [String?]
    )
    func defaults(body: String?) async throws {
        let gateway = Gateway(settings: Self.ceiling)
        let fields = body.map { $0.isEmpty ? [] : jsonFields } ?? []
        let answer = try await gateway.send(fields, body: body)
        #expect(answer.status == 201)
        #expect(answer.body.contains(#""tokenValidityInSeconds":4000,"#))
        #expect(gateway.tokens.calls.map(\.validity) == [4000])
    }

    @Test(
        "a validity inside the bounds is taken",
        arguments: [
            (validity("60"), 60), (validity("3600"), 3600), (validity("5000"), 5000),
            ("\n" + validity("61") + "\n", 61),
            (#"{"token\u0056alidityInSeconds":62}"#, 62), (#"{"\u0074okenValidityInSeconds" : 63 }"#, 63),
        ]
    )
    func taken(body: String, seconds: Int) async throws {
        let gateway = Gateway(settings: Self.ceiling)
        #expect(try await gateway.send(jsonFields, body: body).status == 201)
        #expect(gateway.tokens.calls.map(\.validity) == [seconds])
    }

    @Test(
        "an integer outside the bounds is named as such, whatever its size",
        arguments: [
            "59", "5001", "-1", "0", "-0", "-3600", "9223372036854775807", "9223372036854775808",
            "-9223372036854775809",
            "18446744073709551616", "1" + String(repeating: "0", count: 400),
        ]
    )
    func outOfRange(number: String) async throws {
        let gateway = Gateway(settings: Self.ceiling)
        let problem = try expect(await gateway.send(jsonFields, body: Self.validity(number)), is: Self.outOfRange)
        #expect(problem.detail.contains("60"))
        #expect(problem.detail.contains("5000"))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "what is not written as a whole number is refused",
        arguments: [
            "1.5", "3600.0", "36e2", "3.6E3", "1e400", "\"3600\"", "\"\"", "null", "true", "false", "[]", "[3600]",
            "{}", "03600",
            "+3600", "-", "60_0", "60x10", "NaN", "Infinity", "--1", "3600n", "'3600'", "", "\u{FF13}600", ".5", "1.",
        ]
    )
    func notInteger(value: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(jsonFields, body: Self.validity(value))
        #expect(answer.status == 400)
        let problem = try answer.decoded(ProblemDocument.self)
        #expect(problem.code == "body-invalid")
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "what is not one JSON object is refused",
        arguments: [
            " ", "\n", "null", "3600", "[]", "\"{}\"", "{", "}", "{}{}", "{} x", "{},", "x{}", "{}\u{0}", "{,}",
            "{\"a\"}",
            validity("3600") + validity("3600"), validity("3600") + "x", "{\"tokenValidityInSeconds\": 3600",
            "{\"tokenValidityInSeconds\": 3600,}", "{\"tokenValidityInSeconds\" 3600}",
            "{tokenValidityInSeconds: 3600}",
            "{'tokenValidityInSeconds': 3600}", "\u{FEFF}{}", "\u{FEFF}" + validity("3600"),
            "{\"tokenValidityInSeconds", "// x\n{}",
            "{\"a\nb\": 1}", "{\"a\u{0}b\": 1}", "{\"\\ud800\": 1}", "{\"\\udc00\": 1}", "{\"\\ud800\\u0041\": 1}",
            "{\"\\x\": 1}",
            "{\"\\u12\": 1}", "{\"\\u12G4\": 1}", "{\"\\", "{\"" + String(repeating: "n", count: 10_000) + "\": 1}",
            "\u{A0}{}", "\u{C}{}",
        ]
    )
    func notOneObject(body: String) async throws {
        let gateway = Gateway()
        try expect(await gateway.send(jsonFields, body: body), is: ExpectedProblem(.bodyInvalid))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "invalid UTF-8 is refused",
        arguments: [
            [0x22, 0x80, 0x22], [0x22, 0xC3, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xC0, 0xAF, 0x22],
            [0x22, 0xFF, 0xFE, 0x22],
        ] as [[UInt8]]
    )
    func invalidUTF8(name: [UInt8]) async throws {
        let gateway = Gateway()
        let bytes = [0x7B] + name + Array(": 1}".utf8)
        try expect(await gateway.send(.post, Gateway.path, jsonFields, bytes: bytes), is: ExpectedProblem(.bodyInvalid))
        let sixteen = Array(Self.validity("3600").utf16).flatMap { [UInt8($0 & 0xFF), UInt8($0 >> 8)] }
        try expect(
            await gateway.send(.post, Gateway.path, jsonFields, bytes: sixteen),
            is: ExpectedProblem(.bodyInvalid)
        )
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "an unknown member is named, made safe and short",
        arguments: [
            (#"{"reuseifvalidforseconds": 1}"#, "reuseifvalidforseconds"), (#"{"": 1}"#, ""),
            (#"{"tokenvalidityinseconds": 1}"#, "tokenvalidityinseconds"),
            (#"{"<script>": 1}"#, "?script?"), (#"{"a\u0000\u001b\"\\b": 1}"#, "a????b"), (#"{"ключ": 1}"#, "????"),
            (#"{"a\ud83d\ude00": 1}"#, "a?"), (#"{"tokenValidityInSeconds ": 3600}"#, "tokenValidityInSeconds?"),
            (#"{"tokenValidityInSeconds\u0000": 3600}"#, "tokenValidityInSeconds?"),
            (#"{"tokenValidityInSeconds": 3600, "x": {"y": 1}}"#, "x"), (#"{"x": garbage"#, "x"),
        ]
    )
    func unknownMember(body: String, shown: String) async throws {
        let gateway = Gateway()
        let problem = try expect(
            await gateway.send(jsonFields, body: body),
            is: ExpectedProblem(.bodyInvalid, member: shown)
        )
        #expect(problem.detail.contains("\"\(shown)\""))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("a long unknown member is clipped to what the contract allows")
    func longMember() async throws {
        let answer = try await Gateway().send(jsonFields, body: "{\"\(String(repeating: "n", count: 200))\": 1}")
        let problem = try answer.decoded(ProblemDocument.self)
        #expect(problem.code == "body-invalid")
        let member = try #require(problem.member)
        #expect(member.hasPrefix("nnnn"))
        #expect(member.unicodeScalars.count <= 64)
    }

    @Test(
        "a member given twice is refused, however its name is written",
        arguments: [
            #"{"tokenValidityInSeconds": 3600, "tokenValidityInSeconds": 3600}"#,
            #"{"tokenValidityInSeconds": 60, "token\u0056alidityInSeconds": 3600}"#,
            #"{"\u0074\u006f\u006b\u0065\u006eValidityInSeconds": 60, "tokenValidityInSeconds": 3600}"#,
        ]
    )
    func twice(body: String) async throws {
        let gateway = Gateway()
        try expect(await gateway.send(jsonFields, body: body), is: Self.invalid)
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("depth costs nothing", arguments: ["[", "{\"a\":"])
    func deep(step: String) async throws {
        let gateway = Gateway()
        let deep = String(repeating: step, count: 10_000)
        #expect(try await gateway.send(jsonFields, body: deep).status == 400)
        try expect(await gateway.send(jsonFields, body: Self.validity(deep)), is: Self.invalid)
        try expect(
            await gateway.send(jsonFields, body: "{\"x\": \(deep)}"),
            is: ExpectedProblem(.bodyInvalid, member: "x")
        )
        #expect(gateway.tokens.calls.isEmpty)
    }
}
