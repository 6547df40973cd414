import Ledger
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: what a request costs", .timeLimit(.minutes(5)))
struct PlanTests {
    @Test("no statement of a request reads a table whole, and those of upkeep neither")
    func plans() async throws {
        try await Gateways.with(1) { _, database, server in
            try await fill(server, database)
            let upkeep = [Statement.prune, .pruneKeys]
            for statement in Statement.durable + Statement.quick + upkeep {
                // Those of upkeep only under the settings of the gateway's sessions.
                let isUpkeep = upkeep.contains { $0.name == statement.name }
                let explain = """
                    SET enable_seqscan = \(isUpkeep ? "off" : "on");
                    SET plan_cache_mode = force_generic_plan;
                    PREPARE asked (\(statement.types.map(\.word).joined(separator: ", "))) AS \(statement.sql);
                    EXPLAIN EXECUTE asked (\(statement.types.map(\.sample).joined(separator: ", ")))
                    """
                    .replacing(" ()", with: "")
                let plan = try await server.run(explain, in: database)
                #expect(!plan.contains("Seq Scan"), "\(statement.name):\n\(plan)")
                #expect(plan.contains("cost="))
            }
        }
    }

    @Test("a page of records is found from the end of the one before")
    func pages() async throws {
        try await Gateways.with(1) { stores, database, server in
            try await fill(server, database)
            let plan = try await server.run(
                """
                PREPARE asked (\(Statement.records.types.map(\.word).joined(separator: ", "))) AS \(Statement.records.sql);
                EXPLAIN EXECUTE asked (gen_random_uuid(), NULL, NULL, NULL, NULL, NULL, NULL, NULL, 100)
                """,
                in: database
            )
            #expect(plan.contains("records_pkey") && !plan.contains("Seq Scan") && !plan.contains("Sort"), "\(plan)")
            #expect(try await stores[0].records(LedgerFilter(), after: nil, limit: 100).count == 100)
        }
    }

    /// 30,000 records of 300 profiles, with as many keys, and turns of 5,000 profiles.
    private func fill(_ server: PostgreSQLServer, _ database: String) async throws {
        try await server.run(
            """
            INSERT INTO enrollment_gateway.records (
                id, operation, caller, profile_kind, profile_id, request_id, key_digest, fingerprint, instance, state,
                accepted_at, sent_at, decided_at, work_ends
            )
            SELECT gen_random_uuid(), 'create', 'portal', 'device-owner', md5((n % 300)::text)::uuid, 'r' || n,
                sha256(n::text::bytea), sha256('x'), gen_random_uuid(),
                CASE WHEN n % 3 = 0 THEN 'created' ELSE 'refused' END,
                now() - n * interval '1 minute', now() - n * interval '1 minute', now() - n * interval '1 minute',
                now() - n * interval '1 minute'
            FROM generate_series(1, 30000) AS n;
            INSERT INTO enrollment_gateway.keys (caller, digest, fingerprint, record, expires_at)
            SELECT caller, key_digest, fingerprint, id, now() + interval '1 day' FROM enrollment_gateway.records;
            INSERT INTO enrollment_gateway.turns (profile_kind, profile_id, holder, is_held, ends, was_others)
            SELECT 'device-owner', md5(n::text)::uuid, gen_random_uuid(), false, now(), true
            FROM generate_series(1, 5000) AS n;
            ANALYZE
            """,
            in: database
        )
    }
}

extension ValueType {
    fileprivate var word: String {
        switch self {
        case .bool: "boolean"
        case .bytes: "bytea"
        case .integer: "bigint"
        case .text: "text"
        case .texts: "text[]"
        case .time: "timestamptz"
        case .interval: "interval"
        case .uuid: "uuid"
        }
    }

    fileprivate var sample: String {
        switch self {
        case .bool: "true"
        case .bytes: "sha256('1')"
        case .integer: "100"
        case .text: "'device-owner'"
        case .texts: "'{}'"
        case .time: "now()"
        case .interval: "interval '1 day'"
        case .uuid: "md5('1')::uuid"
        }
    }
}
