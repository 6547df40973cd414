import Ledger
import Settings
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: the tables", .timeLimit(.minutes(5)))
struct MigrationTests {
    @Test("eight gateways that start at once on an empty database create them once, and all work")
    func atOnce() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        let stores = (0..<8).map { _ in PostgreSQLLedger(patient: server.url(database)) }
        try await withThrowingTaskGroup { group in
            for store in stores {
                group.addTask {
                    try await store.open()
                    try await store.begin(Request(of: store))
                }
            }
            try await group.waitForAll()
        }
        #expect(try await stores[0].records(LedgerFilter(), after: nil, limit: 100).count == 8)
        let versions = try await server.run("SELECT version FROM enrollment_gateway.version", in: database)
        #expect(versions == (1...Schema.version).map(String.init).joined(separator: "\n"))
        for store in stores { await store.close() }
    }

    @Test("those of a later version are refused, and left alone; also to read")
    func tooNew() async throws {
        try await Gateways.with(1) { stores, database, server in
            try await stores[0].begin(Request(of: stores[0]))
            try await server.run(
                "INSERT INTO enrollment_gateway.version VALUES (\(Schema.version + 1), now())",
                in: database
            )
            let late = PostgreSQLLedger(patient: server.url(database))
            let opening = await fault { () throws(LedgerFault) in try await late.open() }
            #expect(opening?.kind == .tooNew && opening?.fix != nil)
            let reader = try PostgreSQLLedger.reader(url: Secret(server.url(database)))
            let reading = await fault { () throws(LedgerFault) in
                _ = try await reader.records(LedgerFilter(), after: nil, limit: 1)
            }
            #expect(reading?.kind == .tooNew)
            // A gateway that was there before goes on.
            try await stores[0].begin(Request(of: stores[0]))
            #expect(try await stores[0].records(LedgerFilter(), after: nil, limit: 10).count == 2)
        }
    }

    @Test("a reader reads while a gateway writes, and creates nothing")
    func reader() async throws {
        try await Gateways.with(1) { stores, database, server in
            let reader = try PostgreSQLLedger.reader(url: Secret(server.url(database)))
            for count in 1...3 {
                try await stores[0].begin(Request(of: stores[0]))
                let records = try await reader.records(LedgerFilter(), after: nil, limit: 10)
                #expect(records.count == count)
                #expect(try await stores[0].records(LedgerFilter(), after: nil, limit: 10) == records)
            }
            let empty = try await server.database()
            let early = try PostgreSQLLedger.reader(url: Secret(server.url(empty)))
            let reading = await fault { () throws(LedgerFault) in
                _ = try await early.records(LedgerFilter(), after: nil, limit: 1)
            }
            #expect(reading?.kind == .corrupt && reading?.fix != nil)
            #expect(try await server.run("SELECT to_regnamespace('enrollment_gateway') IS NULL", in: empty) == "t")
        }
    }

    @Test("a role that may only read the tables reads them")
    func readingRole() async throws {
        try await Gateways.with(1) { stores, database, server in
            try await stores[0].begin(Request(of: stores[0]))
            let role = "r_\(database)"
            try await server.run(
                """
                CREATE ROLE \(role) LOGIN;
                GRANT USAGE ON SCHEMA enrollment_gateway TO \(role);
                GRANT SELECT ON ALL TABLES IN SCHEMA enrollment_gateway TO \(role)
                """,
                in: database
            )
            let reader = try PostgreSQLLedger.reader(url: Secret(server.url(database, user: role)))
            #expect(try await reader.records(LedgerFilter(), after: nil, limit: 10).count == 1)
        }
    }

    @Test("a server that forgoes the flush of its log for all does not do so for what must survive")
    func flush() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        try await server.run("ALTER DATABASE \(database) SET synchronous_commit = off", in: database)
        let store = PostgreSQLLedger(patient: server.url(database))
        try await store.open()
        let setting = Query(Statement("setting", [], "SELECT current_setting('synchronous_commit')"))
        var durable = try await store.durable.rows(setting).first
        #expect(try durable?.text() == "on")
        var quick = try await store.quick.rows(setting).first
        #expect(try quick?.text() == "off")
        await store.close()
    }

    @Test("a role needs no more than a schema of its own")
    func rights() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        let role = "r_\(database)"
        try await server.run("CREATE ROLE \(role) LOGIN", in: database)
        let store = PostgreSQLLedger(patient: server.url(database, user: role))
        let refusal = await fault { () throws(LedgerFault) in try await store.open() }
        #expect(refusal?.kind == .refused)
        #expect(refusal?.fix?.contains("CREATE SCHEMA enrollment_gateway AUTHORIZATION") == true)

        try await server.run("CREATE SCHEMA enrollment_gateway AUTHORIZATION \(role)", in: database)
        try await store.open()
        try await store.run(Request(key: "a", of: store), to: .created)
        try await store.probe()
        #expect(try await store.takeTurn(of: freshProfile(), work: .seconds(1)) == .taken(wasOthers: true))
        await store.close()
    }
}
