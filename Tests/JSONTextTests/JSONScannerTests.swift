import Testing

@testable import JSONText

@Suite("JSONScanner")
struct JSONScannerTests {
    private func scanner(_ text: String) -> JSONScanner { JSONScanner(Array(text.utf8), longestString: 64) }

    /// Whether a text is one value and nothing else.
    private func isValue(_ text: String) -> Bool {
        var scanner = scanner(text)
        do throws(JSONFault) {
            try scanner.skip()
            try scanner.end()
            return true
        } catch {
            return false
        }
    }

    @Test(
        "what RFC 8259 allows is taken",
        arguments: [
            "null", "true", "false", "0", "-0", "10", "-1.5", "1e3", "1E+3", "1.25e-3", #""""#, #""a""#, "[]", "{}",
            " \t\r\n[ 1 , 2 ] ", #"{"a":{"b":[{},[],null]},"c":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00"}"#,
            #"{"a":1,"a":2}"#,
        ]
    )
    func valid(text: String) { #expect(isValue(text)) }

    @Test(
        "what it does not is not",
        arguments: [
            "", " ", "nul", "nullx", "True", "01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "NaN", "Infinity", "'a'",
            #"""#,
            #""\x""#, #""\u12g4""#, #""\ud800""#, #""\ud800\u0041""#, #""\udc00""#, "\"\u{1}\"", "[", "[1", "[1,]",
            "[,1]", "[1 2]",
            "{", "{a:1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{,}"#, "[}", "{]", "1 2", "[] x", "\u{FEFF}1", "//\n1",
            "\u{A0}1",
            #""\u00e""#, "tru", "falsee",
        ]
    )
    func invalid(text: String) { #expect(!isValue(text)) }

    @Test("a fault has a place")
    func places() {
        var scanner = scanner("{\n  \"a\": 1,\n  \"b\" 2\n}")
        let fault = #expect(throws: JSONFault.self) { try scanner.skip() }
        #expect(fault == JSONFault(reason: "a colon is missing", line: 3, column: 7))
    }

    @Test("numbers are integers only where they are written so, and none is rounded")
    func numbers() throws {
        let cases: [(String, JSONScanner.Number)] = [
            ("0", .integer(0)), ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
            ("9223372036854775808", .integer(nil)), ("1.0", .other), ("1e2", .other),
        ]
        for (text, number) in cases {
            var scanner = scanner(text)
            #expect(try scanner.number() == number)
        }
    }

    @Test("strings are what they say, up to their bound")
    func strings() throws {
        var scanner = scanner(#""a\n\u00e9\ud83d\ude00\/""#)
        #expect(try scanner.string() == "a\né😀/")
        var exact = self.scanner("\"\(String(repeating: "x", count: 64))\"")
        #expect(try exact.string().utf8.count == 64)
        var long = self.scanner("\"\(String(repeating: "x", count: 65))\"")
        #expect(throws: JSONFault.self) { try long.string() }
        var invalid = JSONScanner([0x22, 0xC3, 0x28, 0x22], longestString: 64)
        #expect(throws: JSONFault.self) { try invalid.string() }
    }

    @Test("members and elements come one after the other, each told once")
    func walk() throws {
        var scanner = scanner(#"{"a":[1,[2],{}],"b":{"c":true}}"#)
        try scanner.beginObject()
        #expect(try scanner.nextMember() == "a")
        try scanner.beginArray()
        var kinds: [JSONScanner.Kind] = []
        while try scanner.nextElement() {
            kinds.append(try scanner.kind())
            try scanner.skip()
        }
        #expect(kinds == [.number, .array, .object])
        #expect(try scanner.nextMember() == "b")
        try scanner.beginObject()
        #expect(try scanner.nextMember() == "c")
        #expect(try scanner.boolean())
        #expect(try scanner.nextMember() == nil)
        #expect(try scanner.nextMember() == nil)
        try scanner.end()
    }
}

@Suite("JSONLayout")
struct JSONLayoutTests {
    @Test("members stand on lines of their own, lists of texts on one, and nothing else changes")
    func layout() {
        let text = #"{"a":1,"b":["x","y,]"],"c":[{"d":"{\"e\":[1]}"},{}],"f":[],"g":{}}"#
        let expected = """
            {
              "a": 1,
              "b": ["x", "y,]"],
              "c": [
                {
                  "d": "{\\"e\\":[1]}"
                },
                {}
              ],
              "f": [],
              "g": {}
            }
            """
        #expect(JSONLayout.indented(text) == expected)
    }
}
