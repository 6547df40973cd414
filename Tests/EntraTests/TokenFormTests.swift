import Foundation
import NIOCore
import Settings
import Testing

@testable import Entra

@Suite("TokenForm")
struct TokenFormTests {
    @Test(
        "each character that means something in a form is encoded",
        arguments: [
            ("+", "%2B"), ("/", "%2F"), ("=", "%3D"), ("&", "%26"), ("%", "%25"), (" ", "%20"), ("~", "%7E"),
            ("?", "%3F"),
            ("#", "%23"), ("\"", "%22"), ("\\", "%5C"), ("<", "%3C"), ("'", "%27"), ("*", "%2A"), (";", "%3B"),
            ("\r\n", "%0D%0A"),
            ("\0", "%00"), ("ß", "%C3%9F"), ("🔑", "%F0%9F%94%91"), ("aZ09-._", "aZ09-._"),
        ]
    )
    func encoding(text: String, expected: String) {
        var form = TokenForm()
        form.append("client_secret", Secret(text))
        #expect(String(buffer: form.body) == "client_secret=" + expected)
    }

    @Test("every ASCII character comes back as it was")
    func roundTrip() {
        let text = String(String.UnicodeScalarView((0..<128).map { Unicode.Scalar(UInt8($0)) }))
        var form = TokenForm()
        form.append("a", text)
        let encoded = String(buffer: form.body).dropFirst(2)
        #expect(String(encoded).removingPercentEncoding == text)
        #expect(!encoded.contains("+") && !encoded.contains("&") && !encoded.contains("="))
    }

    @Test("fields are joined by &, names are encoded too")
    func fields() {
        var form = TokenForm()
        form.append("a b", "1")
        form.append("c", "2")
        #expect(String(buffer: form.body) == "a%20b=1&c=2")
    }

    @Test("printing a form shows nothing of it")
    func printing() {
        var form = TokenForm()
        form.append("client_secret", Secret("canary"))
        var dumped = ""
        dump(form, to: &dumped)
        for text in ["\(form)", String(reflecting: form), dumped] { #expect(!text.contains("canary")) }
    }
}
