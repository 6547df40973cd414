import HTTPTypes
import Testing

@testable import Entra

@Suite("RetryAfter")
struct RetryAfterTests {
    @Test(
        "seconds are taken, within an hour",
        arguments: [("0", 0), ("60", 60), (" 7 ", 7), ("3600", 3600), ("3601", 3600), ("99999999999999999999", 3600)]
    )
    func seconds(text: String, expected: Int) {
        #expect(RetryAfter.delay(in: [.retryAfter: text]) == .seconds(expected))
    }

    @Test(
        "a date counts from the answer's own Date",
        arguments: [
            ("Sun, 06 Nov 1994 08:50:07 GMT", 30), ("Sun, 06 Nov 1994 08:48:37 GMT", 0),
            ("Mon, 07 Nov 1994 08:49:37 GMT", 3600),
        ]
    )
    func date(text: String, expected: Int) {
        let fields: HTTPFields = [.retryAfter: text, .date: "Sun, 06 Nov 1994 08:49:37 GMT"]
        #expect(RetryAfter.delay(in: fields) == .seconds(expected))
    }

    @Test("the leap day and the year's end are counted")
    func calendar() {
        #expect(
            RetryAfter.delay(in: [.retryAfter: "Fri, 01 Mar 2024 00:00:10 GMT", .date: "Thu, 29 Feb 2024 23:59:50 GMT"])
                == .seconds(20)
        )
        #expect(
            RetryAfter.delay(in: [.retryAfter: "Fri, 01 Jan 2027 00:00:10 GMT", .date: "Thu, 31 Dec 2026 23:59:50 GMT"])
                == .seconds(20)
        )
    }

    @Test(
        "what makes no sense is as if it were not there",
        arguments: [
            "", "-1", "1.5", "soon", "1, 2", "Sun, 06 Nov 1994 08:49:37", "Sun, 6 Nov 1994 08:49:37 GMT",
            "Sun, 06 Nov 1994 25:49:37 GMT", "٣",
        ]
    )
    func nonsense(text: String) {
        #expect(RetryAfter.delay(in: [.retryAfter: text, .date: "Sun, 06 Nov 1994 08:49:37 GMT"]) == nil)
    }

    @Test("a date without the answer's own Date says nothing")
    func undated() {
        #expect(RetryAfter.delay(in: [.retryAfter: "Sun, 06 Nov 1994 08:49:37 GMT"]) == nil)
    }
}
