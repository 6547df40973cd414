import Foundation
import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's values")
struct ValueTests {
    @Test(
        "a number of seconds is taken or not, whatever its size",
        arguments: [
            (.integer(0), 0), (.integer(.max), nil), (.integer(.min), nil), (.integer(1 << 53), nil),
            (.integer(-5), -5),
            (.number(1.9), 1), (.number(1e300), nil), (.number(-.infinity), nil), (.number(.nan), nil),
            (.string("1"), nil),
        ] as [(JSONValue, Int64?)]
    )
    func seconds(value: JSONValue, seconds: Int64?) { #expect(value.asSeconds == seconds) }

    @Test(
        "an instant is written as Graph, Entra and HTTP write it",
        arguments: [
            (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
            (951_782_399_000_000_0, "2000-02-28T23:59:59Z", "Mon, 28 Feb 2000 23:59:59 GMT"),
            (951_868_800_000_000_0, "2000-03-01T00:00:00Z", "Wed, 01 Mar 2000 00:00:00 GMT"),
            (1_709_164_800_000_000_1, "2024-02-29T00:00:00.0000001Z", "Thu, 29 Feb 2024 00:00:00 GMT"),
            (4_102_444_799_123_456_7, "2099-12-31T23:59:59.1234567Z", "Thu, 31 Dec 2099 23:59:59 GMT"),
            (-1, "1969-12-31T23:59:59.9999999Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
        ] as [(Int64, String, String)]
    )
    func instant(_ ticks: Int64, _ graph: String, _ http: String) {
        let instant = SandboxInstant(ticks: ticks)
        #expect(instant.description == graph)
        #expect(instant.httpDate == http)
        #expect(instant.entraDescription == graph.prefix(19).replacing("T", with: " ") + "Z")
        #expect(instant.bareDescription == graph.prefix(19))
    }

    @Test("a date that was never set is the first of the calendar")
    func never() { #expect(SandboxInstant.never.description == "0001-01-01T00:00:00Z") }

    @Test("dates agree with Foundation's over a thousand years")
    func calendar() throws {
        let style = Date.ISO8601FormatStyle()
        for index in 0..<2000 {
            let seconds = Int64(index) * 15_778_463 - 5_000_000_000
            let date = Date(timeIntervalSince1970: Double(seconds))
            #expect(SandboxInstant(ticks: seconds * 10_000_000).description == date.formatted(style))
        }
    }

    @Test("JSON is written as it was put together, and any text survives")
    func json() throws {
        let value: JSONValue = ["z": [1, nil, true, "q\"\\\n\u{1}é/"], "a": .number(1.5)]
        #expect(value.text == "{\"z\":[1,null,true,\"q\\\"\\\\\\n\\u0001é/\"],\"a\":1.5}")
        #expect(JSONValue(parsing: ByteBuffer(string: value.text))?["z"] == value["z"])
        #expect(JSONValue(parsing: ByteBuffer(string: "{\"a\":1} x")) == nil)
        #expect(JSONValue(parsing: ByteBuffer(string: String(repeating: "[", count: 10_000))) == nil)
    }

    @Test("a form's fields are decoded, and broken escapes stay")
    func form() {
        let form = FormFields("a=b+c%2B&d&a=second&e=%zz%4&f=%C3%A9")
        #expect(form["a"] == "b c+")
        #expect(form["d"] == nil)
        #expect(form["e"] == "%zz%4")
        #expect(form["f"] == "é")
    }

    @Test("a write is refused while the limit's worth of writes is younger than the window, and refusals count")
    func window() {
        var window = WriteWindow(.init(writes: 2, seconds: 20))
        let start = SandboxInstant(ticks: 0)
        #expect(window.admit(at: start) == nil)
        #expect(window.admit(at: start.advanced(bySeconds: 5)) == nil)
        #expect(window.admit(at: start.advanced(bySeconds: 10)) == 15)
        #expect(window.admit(at: start.advanced(bySeconds: 24)) == 6)
        #expect(window.admit(at: start.advanced(bySeconds: 30)) == nil)
        #expect(window.admit(at: start.advanced(bySeconds: 31)) == 19)
    }

    @Test("nothing that prints a store, a fault or an address shows the secret")
    func secrecy() throws {
        let sandbox = try Sandbox(logger: SandboxClient.quiet)
        #expect(!"\(sandbox.store.tenant)".contains(SandboxConfiguration.defaultClientSecret))
        #expect(!"\(sandbox.store.configuration)".contains(SandboxConfiguration.defaultClientSecret))
        #expect(!String(reflecting: sandbox.store.tenant).contains(SandboxConfiguration.defaultClientSecret))
    }
}
