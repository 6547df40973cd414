import HTTPTypes
import Testing
import Transport

@Suite("RetryAfter")
struct RetryAfterTests {
    private static let now = Timestamp(httpDate: "Sun, 06 Nov 1994 08:49:37 GMT")!

    @Test(
        "seconds are taken, also with a fraction, and within bounds",
        arguments: [
            ("0", 0.0), ("60", 60), (" 7", 7), ("0.249", 0.249), ("-5", 0), ("300", 300), ("301", 300),
            ("1000000000", 300), ("99999999999999999999", 300),
        ]
    )
    func seconds(text: String, expected: Double) throws {
        let duration = try #require(RetryAfter.duration(text, now: Self.now))
        #expect(abs(duration.seconds - expected) < 0.001)
    }

    @Test(
        "a date counts from the answer's own Date",
        arguments: [
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30.0), ("Sun, 06 Nov 1994 08:48:37 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 300),
        ]
    )
    func date(text: String, expected: Double) {
        let fields: HTTPFields = [.retryAfter: text, .date: "Sun, 06 Nov 1994 08:49:37 GMT"]
        #expect(RetryAfter.duration(in: fields)?.seconds == expected)
    }

    @Test(
        "what makes no sense is as if it were not there",
        arguments: [
            "", "soon", "1, 2", "nan", "inf", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 25:49:37 GMT", "٣",
        ]
    )
    func nonsense(text: String) {
        #expect(RetryAfter.duration(text, now: Self.now) == nil)
    }

    @Test("no field, no duration")
    func absent() {
        #expect(RetryAfter.duration(in: [:]) == nil)
    }
}
