import Testing
import Transport

@Suite("Timestamp")
struct TimestampTests {
    @Test(
        "ISO 8601 is read in every form that Graph writes",
        arguments: [
            ("1970-01-01T00:00:00Z", 0.0), ("2026-11-24T08:49:37Z", 1_795_510_177),
            ("2026-11-24T08:49:37", 1_795_510_177),
            ("2026-11-24T08:49:37.5Z", 1_795_510_177.5), ("2026-11-24T08:49:37.1234567Z", 1_795_510_177.1234567),
            ("2026-11-24T08:49:37.123456789012Z", 1_795_510_177.123456789),
            ("2026-11-24T09:49:37+01:00", 1_795_510_177),
            ("2026-11-24T03:19:37-0530", 1_795_510_177), ("2024-02-29T12:00:00Z", 1_709_208_000),
            ("0001-01-01T00:00:00Z", -62_135_596_800),
        ]
    )
    func iso8601(text: String, expected: Double) throws {
        let time = try #require(Timestamp(iso8601: text))
        #expect(abs(time.secondsSince1970 - expected) < 0.000_01)
    }

    @Test(
        "what is no date and time is refused",
        arguments: [
            "", "2026-11-24", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "2026-11-24T24:00:00Z",
            "2026-11-24T08:49:37.Z",
            "2026-11-24T08:49:37Zx", "2026-11-24T08:49:37+25:00", "２026-11-24T08:49:37Z", "2026-11-24T08:60:37Z",
            "tomorrow",
        ]
    )
    func nonsense(text: String) {
        #expect(Timestamp(iso8601: text) == nil)
    }

    @Test(
        "HTTP-date is read and written alike",
        arguments: [0.0, 784_111_777, 1_709_251_199, 1_795_510_177, 4_102_444_800]
    )
    func httpDate(seconds: Double) {
        let time = Timestamp(secondsSince1970: seconds)
        #expect(Timestamp(httpDate: time.httpDate) == time)
    }

    @Test("HTTP-date is IMF-fixdate")
    func fixedDate() {
        #expect(Timestamp(secondsSince1970: 784_111_777).httpDate == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(Timestamp(httpDate: "Sunday, 06-Nov-94 08:49:37 GMT") == nil)
        #expect(Timestamp(httpDate: "Sun, 31 Feb 1994 08:49:37 GMT") == nil)
    }

    @Test(
        "RFC 3339 is written in UTC",
        arguments: [(-1.0, "1969-12-31T23:59:59Z"), (1_795_510_177.9, "2026-11-24T08:49:37Z")]
    )
    func rfc3339(seconds: Double, expected: String) {
        #expect(Timestamp(secondsSince1970: seconds).rfc3339 == expected)
    }

    @Test("milliseconds keep their leading zeros")
    func milliseconds() {
        #expect(Timestamp(secondsSince1970: 1.0625).rfc3339Milliseconds == "1970-01-01T00:00:01.062Z")
    }

    @Test("a duration is rounded up to whole seconds", arguments: [(0, 0), (1, 1), (1000, 1), (1001, 2)])
    func roundedUp(milliseconds: Int, seconds: Int) {
        #expect(Duration.milliseconds(milliseconds).secondsRoundedUp == seconds)
    }
}
