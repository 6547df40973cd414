import Foundation
import Ledger
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: connections", .timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test("a gateway has as many as it may and no more, under its name or the one that it is given")
    func names() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        for (options, name) in [("", "enrollment-gateway"), ("?application_name=night%20shift", "night shift")] {
            let store = PostgreSQLLedger(patient: server.url(database) + options, connections: 6)
            try await store.open()
            try await burst(on: store)
            // Its own workers come and go.
            let activity = """
                FROM pg_stat_activity
                WHERE datname = '\(database)' AND application_name <> 'psql' AND backend_type = 'client backend'
                """
            #expect(try await server.run("SELECT DISTINCT application_name \(activity)", in: database) == name)
            let count = "SELECT count(*) \(activity)"
            let connections = Int(try await server.run(count, in: database)) ?? 0
            #expect((2...6).contains(connections), "\(connections)")
            await store.close()
            #expect(try await comes { try await server.run(count, in: database) == "0" })
        }
    }

    @Test("over a socket of the system, too")
    func socket() async throws {
        let server = try await PostgreSQLServer.shared()
        let store = PostgreSQLLedger(patient: server.socketURL(try await server.database()))
        try await store.open()
        try await store.run(Request(key: "a", of: store), to: .created)
        await store.close()
    }

    @Test("over TLS a burst comes through; a certificate of nobody known is refused with what to do")
    func secure() async throws {
        let server = try await PostgreSQLServer(isDurable: false)
        let database = try await server.database()
        let certificate = try await serveTLS(server, database)
        let url = server.url(database) + "?sslmode=verify-full&sslrootcert="
        let store = PostgreSQLLedger(patient: url + certificate)
        try await store.open()
        try await burst(on: store)
        let encrypted = """
            SELECT bool_and(ssl) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
            WHERE application_name = 'enrollment-gateway'
            """
        #expect(try await server.run(encrypted, in: database) == "t")
        await store.close()

        let other = PostgreSQLLedger(patient: url + "/etc/ssl/certs/ca-certificates.crt")
        let fault = await fault { () throws(LedgerFault) in try await other.open() }
        #expect(fault?.kind == .refused && fault?.fix?.contains("sslrootcert") == true)
    }

    private func burst(on store: PostgreSQLLedger) async throws {
        try await withThrowingTaskGroup { group in
            for _ in 0..<300 {
                group.addTask { try await store.run(Request(key: UUID().uuidString, of: store), to: .created) }
            }
            try await group.waitForAll()
        }
    }

    /// - Returns: the path of the certificate that it shows.
    private func serveTLS(_ server: PostgreSQLServer, _ database: String) async throws -> String {
        let data = "\(server.folder)/data"
        let arguments = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "\(data)/server.key",
            "-out", "\(data)/server.crt",
        ]
        #expect(try await ChildProgram.run("/usr/bin/openssl", arguments).ending == .exit(0))
        // The key has to be the server's own.
        let owner = try FileManager.default.attributesOfItem(atPath: data)[.ownerAccountID] as? Int
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600, .ownerAccountID: owner ?? 0],
            ofItemAtPath: "\(data)/server.key"
        )
        try await server.run("ALTER SYSTEM SET ssl = on", in: database)
        try await server.restart()
        return "\(data)/server.crt"
    }
}
