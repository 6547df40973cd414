import Testing
import Transport

@testable import Ledger

@Suite("What records are looked for")
struct AuditArgumentTests {
    private let now = Timestamp(secondsSince1970: 1_772_439_330)

    @Test(
        "a time may be how long ago, a time or a date",
        arguments: [
            ("24h", "2026-03-01T08:15:30Z"), ("7d", "2026-02-23T08:15:30Z"), ("0s", "2026-03-02T08:15:30Z"),
            ("2026-03-02T08:15:30Z", "2026-03-02T08:15:30Z"), ("2026-03-01T23:30:00+01:00", "2026-03-01T22:30:00Z"),
            ("2026-03-02", "2026-03-02T00:00:00Z"),
        ]
    )
    func since(text: String, time: String) throws {
        #expect(try AuditArgument.since(text, now: now).rfc3339 == time)
    }

    @Test(
        "a time that makes no sense is refused, and the sentence says why",
        arguments: [
            ("", "how long ago"), ("yesterday", "how long ago"), ("2026-02-30", "how long ago"), ("7", "how long ago"),
            ("2026-03-02T08:15:31Z", "in the future"), ("2027-01-01", "in the future"), ("1000000d", "longer ago"),
        ]
    )
    func badSince(text: String, reason: String) {
        let fault = #expect(throws: AuditArgumentFault.self) { try AuditArgument.since(text, now: now) }
        #expect(fault?.description.contains(reason) == true)
    }

    @Test("a limit is a number or all")
    func limit() throws {
        #expect(try AuditArgument.limit("all") == .all)
        #expect(try AuditArgument.limit("25") == .last(25))
        #expect(try AuditArgument.limit("0") == .last(0))
        for text in ["", "-1", "+1", "1.5", "ALL", "99999999999999999999"] {
            #expect(throws: AuditArgumentFault.self, "\(text)") { try AuditArgument.limit(text) }
        }
    }

    @Test("a profile's id is refused where there can be none of that form")
    func profile() throws {
        #expect(try AuditArgument.profile("7B1D2C3E-4F50-4A61-9B72-8C93A0B4D5E6") == AuditSample.profile)
        #expect(throws: AuditArgumentFault.self) { try AuditArgument.profile("7b1d2c3e") }
    }
}
