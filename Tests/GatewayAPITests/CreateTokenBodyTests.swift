import NIOCore
import Testing

@testable import GatewayAPI

@Suite("CreateTokenBody", .timeLimit(.minutes(1)))
struct CreateTokenBodyTests {
    private static let name = "tokenValidityInSeconds"
    private static let bounds = CreateTokenBody.Bounds(greatest: 7_776_000)

    private func read(_ bytes: [UInt8]) throws(GatewayError) -> Int? {
        try CreateTokenBody(ByteBuffer(bytes: bytes), bounds: Self.bounds).tokenValidityInSeconds
    }

    @Test(
        "what is allowed is read",
        arguments: [
            ("", nil), ("{}", nil), (" \r\n\t{ \t} \n", nil), (#"{"tokenValidityInSeconds":60}"#, 60),
            (#"{"tokenValidityInSeconds":7776000}"#, 7_776_000), (#" { "tokenValidityInSeconds" : 3600 } "#, 3600),
            (#"{"token\u0056alidityInSeconds":3600}"#, 3600), (#"{"\u0074okenValidityInSeconds":3600}"#, 3600),
        ] as [(String, Int?)]
    )
    func allowed(text: String, value: Int?) throws {
        #expect(try read(Array(text.utf8)) == value)
    }

    @Test(
        "a whole number outside the bounds is out of range",
        arguments: [
            "59", "0", "-0", "-1", "7776001", "2147483648", "9223372036854775808", "-9223372036854775809",
            String(repeating: "9", count: 5000),
        ]
    )
    func range(number: String) {
        let error = #expect(throws: GatewayError.self) { try read(Array(#"{"\#(Self.name)":\#(number)}"#.utf8)) }
        #expect(error?.code == .validityOutOfRange)
        #expect(error?.member == Self.name)
    }

    @Test(
        "a value that is no whole number names its member",
        arguments: [
            "1.5", "3600.0", "36e2", "36E+2", "\"3600\"", "null", "true", "false", "{}", "[]", "[3600]", "03600", "-",
            "1-2",
            "0x10", "+60", "", "NaN", "Infinity", "//", String(repeating: "[", count: 10_000),
            String(repeating: #"{"a":"#, count: 10_000),
        ]
    )
    func type(value: String) {
        let error = #expect(throws: GatewayError.self) { try read(Array(#"{"\#(Self.name)":\#(value)}"#.utf8)) }
        #expect(error?.code == .bodyInvalid)
        #expect(error?.member == Self.name)
    }

    @Test(
        "a member that is not known, or there twice, is named",
        arguments: [
            (#"{"other":1}"#, "other"), (#"{"tokenValidityInSeconds":60,"other":1}"#, "other"),
            (#"{"tokenvalidityinseconds":60}"#, "tokenvalidityinseconds"), (#"{"":60}"#, ""),
            (#"{"tokenValidityInSeconds":60,"tokenValidityInSeconds":60}"#, name),
            (#"{"tokenValidityInSeconds":60,"token\u0056alidityInSeconds":60}"#, name),
            (#"{"<b>\n":1}"#, "?b??"), (#"{"\ud83d\ude00":1}"#, "?"),
            (#"{"tokenValidityInSeconds\u0000":60}"#, name + "?"),
        ]
    )
    func member(text: String, member: String) {
        let error = #expect(throws: GatewayError.self) { try read(Array(text.utf8)) }
        #expect(error?.code == .bodyInvalid)
        #expect(error?.member == member)
    }

    @Test(
        "anything that is not one JSON object is refused",
        arguments: [
            " ", "null", "3600", "[]", "\"x\"", "{", "}", "{]", "{}{}", "{} x", "{},", "{,}", "x{}", "{\u{0}}",
            "{}\u{0}",
            #"{"tokenValidityInSeconds"}"#, #"{"tokenValidityInSeconds":60"#, #"{"tokenValidityInSeconds":60,}"#,
            #"{"tokenValidityInSeconds":60 "a":1}"#, #"{tokenValidityInSeconds:60}"#, #"{'a':60}"#, #"{"a"#, #"{"a\"#,
            #"{"\x":1}"#, #"{"\u12":1}"#, #"{"\u+123":1}"#, #"{"\ud800":1}"#, #"{"\ud800\u0041":1}"#, #"{"\udc00":1}"#,
            "{\"a\nb\":1}", "\u{FEFF}{}", "/* */{}", String(repeating: "[", count: 10_000),
            "{\"" + String(repeating: "a", count: 10_000) + "\":1}",
        ]
    )
    func syntax(text: String) {
        let error = #expect(throws: GatewayError.self) { try read(Array(text.utf8)) }
        #expect(error?.code == .bodyInvalid)
    }

    @Test(
        "text that is not UTF-8 is refused",
        arguments: [
            [0xFF], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xE2, 0x82], [0xF5, 0x80, 0x80, 0x80],
        ] as [[UInt8]]
    )
    func encoding(bytes: [UInt8]) {
        let error = #expect(throws: GatewayError.self) { try read(Array(#"{""#.utf8) + bytes + Array(#"":1}"#.utf8)) }
        #expect(error?.code == .bodyInvalid)
        #expect(error?.detail.contains("UTF-8") == true)
    }

    @Test("a member's name that is not known is shown shortened")
    func longName() throws {
        let error = #expect(throws: GatewayError.self) {
            try read(Array((#"{""# + String(repeating: "a", count: 200) + #"":1}"#).utf8))
        }
        // The contract allows 64 characters.
        #expect(try #require(error?.member).count <= 64)
    }
}
