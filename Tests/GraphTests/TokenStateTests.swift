import NIOCore
import Settings
import Testing
import Transport

@testable import Graph

@Suite("TokenState")
struct TokenStateTests {
    private func decoded(_ json: String) -> TokenState? {
        TokenState(decoding: ByteBuffer(string: json), of: .example())
    }
    private func value(_ state: TokenState?) -> String? { state?.value?.reveal { $0 } }

    @Test("a profile's token is read, unknown members are ignored")
    func whole() throws {
        let state = try #require(
            decoded(
                """
                {"@odata.context":"x","id":"7b1d2c3e-4f50-4a61-9b72-000000000000","displayName":null,"wifi":{"a":[1]},"tokenValue":"ABC",
                "tokenCreationDateTime":"2026-11-24T05:00:00Z","tokenExpirationDateTime":"2026-11-24T06:00:00.5+01:00"}
                """
            )
        )
        #expect(value(state) == "ABC")
        #expect(state.createdAt == Timestamp(iso8601: "2026-11-24T05:00:00Z"))
        #expect(state.expiresAt == Timestamp(iso8601: "2026-11-24T05:00:00.5Z"))
    }

    @Test(
        "what is null, absent, empty or of another type is not there",
        arguments: [
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000"}"#,
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":null,"tokenCreationDateTime":null,"tokenExpirationDateTime":null}"#,
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":"","tokenCreationDateTime":"","tokenExpirationDateTime":""}"#,
            #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":[],"tokenCreationDateTime":{},"tokenExpirationDateTime":true}"#,
            "\u{FEFF}{\"id\":\"7b1d2c3e-4f50-4a61-9b72-000000000000\"}",
            #"{"id":"7B1D2C3E-4F50-4A61-9B72-000000000000"}"#,
        ]
    )
    func nothing(json: String) throws {
        let state = try #require(decoded(json))
        #expect(state.isSameToken(as: TokenState()))
    }

    @Test(
        "what is no profile is no state",
        arguments: [
            "", "null", "[]", "{}", #"{"id":null}"#, "<html></html>", #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000""#,
            #"{"error":{"code":"x"}}"#, "7",
        ]
    )
    func noProfile(json: String) { #expect(decoded(json) == nil) }

    @Test("a number instead of a text keeps its digits")
    func numbers() {
        #expect(
            value(decoded(#"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenValue":12345678901234567890}"#))
                == "12345678901234567890"
        )
    }

    @Test("fractions of one to twelve digits are read", arguments: 1...12)
    func fractions(digits: Int) throws {
        let fraction = String(repeating: "3", count: digits)
        let state = try #require(
            decoded(
                #"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenExpirationDateTime":"2026-11-24T05:00:00.\#(fraction)Z"}"#
            )
        )
        let whole = try #require(Timestamp(iso8601: "2026-11-24T05:00:00Z"))
        let read = try #require(state.expiresAt)
        #expect(abs((read - whole).seconds - Double("0." + fraction)!) < 1e-6)
    }

    @Test(
        "an offset counts",
        arguments: [
            "2026-11-24T05:00:00Z", "2026-11-24T07:00:00+02:00", "2026-11-23T23:30:00-05:30",
            "2026-11-24T05:00:00+0000",
        ]
    )
    func offsets(text: String) {
        #expect(
            decoded(#"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenExpirationDateTime":"\#(text)"}"#)?.expiresAt
                == Timestamp(iso8601: "2026-11-24T05:00:00Z")
        )
    }

    @Test(
        "a bad date is none",
        arguments: [
            "2026-02-30T05:00:00Z", "2026-13-01T05:00:00Z", "tomorrow", "2026-11-24", "2026-11-24T25:00:00Z",
            "2026-11-24T05:00:00.Z",
            "٢٠٢٦-11-24T05:00:00Z", "2026-11-24T05:00:00ZZ",
        ]
    )
    func badDates(text: String) throws {
        let state = try #require(
            decoded(#"{"id":"7b1d2c3e-4f50-4a61-9b72-000000000000","tokenExpirationDateTime":"\#(text)"}"#)
        )
        #expect(state.expiresAt == nil)
    }
}
