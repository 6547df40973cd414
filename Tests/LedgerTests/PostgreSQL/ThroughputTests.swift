import Foundation
import Graph
import Ledger
import Settings
import TestSupport
import Testing
import Transport

@testable import PostgreSQLLedger

private let measuringFolder = ProcessInfo.processInfo.environment["LEDGER_RATE"]

/// A measurement, which is made only where it is asked for: `LEDGER_RATE=/dev/shm` in the environment, or another folder for the
/// server's data.
@Suite("PostgreSQL: measurements", .enabled(if: measuringFolder != nil), .timeLimit(.minutes(5)), .serialized)
struct ThroughputTests {
    private static let folder = measuringFolder

    /// So many records are there before.
    private static let rows = ProcessInfo.processInfo.environment["LEDGER_ROWS"].flatMap { Int($0) }

    @Test("128 callers create a thousand tokens a second, or more")
    func creations() async throws {
        let server = try await PostgreSQLServer(in: Self.folder ?? "/tmp")
        let store = PostgreSQLLedger(url: Secret(server.url(try await server.database())))
        try await store.open()
        if let rows = Self.rows { try await Self.fill(server, store, rows) }
        let profiles = (0..<500).map { _ in freshProfile() }
        let (callers, each) = (128, 60)
        let begin = ContinuousClock.now
        try await withThrowingTaskGroup { group in
            for caller in 0..<callers {
                group.addTask {
                    for index in 0..<each {
                        try await Self.create(on: profiles[(caller * each + index) % profiles.count], store)
                    }
                }
            }
            try await group.waitForAll()
        }
        let time = (ContinuousClock.now - begin).seconds
        let rate = Double(callers * each) / time
        print("creations:", Int(rate), "a second")
        #expect(rate >= 1000)
        await store.close()
    }

    private static func fill(_ server: PostgreSQLServer, _ store: PostgreSQLLedger, _ rows: Int) async throws {
        let database = try await server.run(
            "SELECT datname FROM pg_database WHERE datname LIKE 't________________________________'",
            in: "postgres"
        )
        try await server.run(
            """
            INSERT INTO enrollment_gateway.records (
                id, operation, caller, profile_kind, profile_id, request_id, key_digest, fingerprint, instance, state,
                accepted_at, sent_at, decided_at, work_ends
            )
            SELECT gen_random_uuid(), 'create', 'portal', 'device-owner', md5((n % 500)::text)::uuid, 'r' || n,
                sha256(n::text::bytea), sha256('x'), gen_random_uuid(),
                CASE WHEN n % 3 = 0 THEN 'created' ELSE 'refused' END,
                now() - n * interval '1 second', now() - n * interval '1 second', now() - n * interval '1 second',
                now() - n * interval '1 second'
            FROM generate_series(1, \(rows)) AS n
            """,
            in: database
        )
        let begin = ContinuousClock.now
        let profile = ProfileReference(kind: .deviceOwner, id: ProfileID("c4ca4238-a0b9-2382-0dcc-509a6f75849b")!)
        for _ in 0..<100 { _ = try await store.writes(on: profile, within: .seconds(600)) }
        print("writes(on:):", (ContinuousClock.now - begin) / 100)
        let pruning = ContinuousClock.now
        print(
            "pruned:",
            try await store.prune(olderThan: .seconds(rows / 2), limit: 1000),
            ContinuousClock.now - pruning
        )
    }

    private static func create(on profile: ProfileReference, _ store: PostgreSQLLedger) async throws {
        let isTaken = try await comes {
            if case .taken = try await store.takeTurn(of: profile, work: .seconds(60)) { true } else { false }
        }
        #expect(isTaken)
        let request = Request(profile: profile, of: store)
        try await store.begin(request)
        try await store.settle(request, as: .created, key: .released)
        await store.endTurn(of: profile)
    }
}
