import Testing
import Transport

@testable import Ledger

@Suite("The list of records")
struct AuditListingTests {
    private func all(_ listing: inout AuditListing) async throws -> [LedgerRecord] {
        var records: [LedgerRecord] = []
        while case let page = try await listing.next(), !page.isEmpty { records += page }
        return records
    }

    @Test("it has all that match in order, and never more than a page of them at once")
    func pages() async throws {
        let records = (0..<1250).map {
            AuditSample.record(after: Double($0), caller: $0.isMultiple(of: 5) ? "other" : "it")
        }
        let ledger = ScriptedLedger(records)
        var filter = LedgerFilter()
        filter.caller = "it"
        var listing = AuditListing(ledger, filter, limit: .all)
        #expect(try await all(&listing) == records.filter { $0.caller == "it" })
        #expect(!listing.isCut)
        #expect(ledger.largestPage == AuditListing.pageSize)
    }

    @Test(
        "the last ones come in order, and it says whether there are earlier ones",
        arguments: [0, 1, 10, 600, 700, 701]
    )
    func last(count: Int) async throws {
        let records = (0..<700).map { AuditSample.record(after: Double($0)) }
        let ledger = ScriptedLedger(records)
        var listing = AuditListing(ledger, LedgerFilter(), limit: .last(count))
        #expect(try await all(&listing) == records.suffix(count))
        #expect(listing.isCut == (count < 700))
        // What is left out is not read either.
        #expect(ledger.read == min(count, 700))
    }

    @Test("what a fast writer adds does not keep it from ending")
    func ends() async throws {
        let ledger = ScriptedLedger((0..<499).map { AuditSample.record(after: Double($0)) })
        var listing = AuditListing(ledger, LedgerFilter(), limit: .all)
        #expect(try await listing.next().count == 499)
        ledger.put(AuditSample.record(after: 1000))
        #expect(try await listing.next().isEmpty)
    }
}
