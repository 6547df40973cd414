import Ledger
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: claims that were lost with the server", .timeLimit(.minutes(5)))
struct LostClaimTests {
    @Test("a request whose claim was lost gets its key back as it begins, and keeps it until it is settled")
    func begun() async throws {
        try await Gateways.with(2) { stores, database, server in
            let request = Request(key: "a", of: stores[0])
            #expect(try await stores[0].isClaimed(request.claim))
            // A claim is not flushed to the disk.
            try await server.run("DELETE FROM enrollment_gateway.keys", in: database)
            try await stores[0].begin(request, work: .milliseconds(50))
            #expect(try await comes { try await stores[1].orphans(limit: 10).map(\.id) == [request.record.id] })
            let next = Request(key: "a", of: stores[1])
            #expect(try await stores[1].isClaimed(next.claim) == false)
            _ = try await stores[1].prune(olderThan: .seconds(600), limit: 100)
            #expect(try await stores[1].isClaimed(next.claim) == false)
            try await stores[0].settle(request, as: .created)
            #expect(try await stores[1].isClaimed(next.claim) == false)
        }
    }
}
