import Ledger
import TestSupport
import Testing

@testable import PostgreSQLLedger

@Suite("PostgreSQL: what is refused", .timeLimit(.minutes(5)))
struct RefusalTests {
    private static let canary = "canary-4f1c"

    private func opening(_ url: String) async -> LedgerFault? {
        let store = PostgreSQLLedger(patient: url)
        let fault = await fault { () throws(LedgerFault) in try await store.open() }
        await store.close()
        return fault
    }

    @Test(
        "a wrong password and a missing one are refused with what to do, and without the password; the right one is not"
    )
    func password() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        try await server.run(
            """
            CREATE ROLE guarded LOGIN PASSWORD 'right';
            CREATE SCHEMA enrollment_gateway AUTHORIZATION guarded
            """,
            in: database
        )
        let wrong = await opening(server.url(database, user: "guarded", password: Self.canary))
        #expect(wrong?.kind == .refused && wrong?.fix != nil)
        #expect(wrong?.reason.contains("28P01") == true)
        #expect(wrong?.description.contains(Self.canary) == false)
        let missing = await opening(server.url(database, user: "guarded"))
        #expect(missing?.kind == .refused && missing?.fix != nil)
        #expect(await opening(server.url(database, user: "guarded", password: "right")) == nil)
    }

    @Test("an unknown database and an unknown user are refused with what to do")
    func unknown() async throws {
        let server = try await PostgreSQLServer.shared()
        for url in [
            server.url("nowhere", password: Self.canary),
            server.url("postgres", user: "nobody-here", password: Self.canary),
        ] {
            let fault = await opening(url)
            #expect(fault?.kind == .refused && fault?.fix != nil, "\(fault?.description ?? "")")
            #expect(fault?.description.contains(Self.canary) == false)
        }
    }

    @Test("a connection that cannot be as secure as it is asked for is refused")
    func secure() async throws {
        let server = try await PostgreSQLServer.shared()
        let fault = await opening(server.url("postgres", password: Self.canary) + "?sslmode=require")
        #expect(fault?.kind == .refused && fault?.fix?.contains("sslmode") == true)
        #expect(fault?.description.contains(Self.canary) == false)
    }

    @Test(
        "a URL that is none is refused, and nothing of it is said",
        arguments: [
            "postgresql://user:canary%zz-4f1c@127.0.0.1/db", "postgresql://user:canary/4f1c@127.0.0.1/db",
            "postgresql://user:canary?4f1c@127.0.0.1/db", "postgresql://127.0.0.1:1/db?canary=4f1c",
            "postgresql://user:p@canary-4f1c:x@127.0.0.1:1/db", "postgresql://127.0.0.1:1/db?sslmode=canary-4f1c",
            "postgresql://user:canary[4f1c@127.0.0.1:1/db", "nonsense canary-4f1c",
        ]
    )
    func noURL(_ url: String) async throws {
        let fault = try #require(await opening(url))
        #expect(!fault.description.contains("canary") && !fault.description.contains("4f1c"), "\(fault)")
        #expect(fault.fix != nil)
    }

    @Test("where nobody listens the fault says so")
    func nobody() async throws {
        let fault = await opening("postgresql://u:\(Self.canary)@127.0.0.1:1/db")
        #expect(fault?.kind == .unavailable && fault?.reason == "no database listens there" && fault?.fix != nil)
        let socket = await opening("postgresql://u:\(Self.canary)@/db?host=/nowhere")
        #expect(socket?.kind == .unavailable && socket?.reason == "no database listens there")
    }

    @Test("the server's message is told by its SQLSTATE, in whatever language it comes")
    func messages() {
        let german = """
            Verbindung zu Server auf »127.0.0.1«, Port 5432 fehlgeschlagen: FATAL:  28P01: Passwort falsch: für x
            LOCATION:  auth_failed, auth.c:326

            """
        let said = ConnectFailure.serverMessage(in: german)
        #expect(said?.code == "28P01" && said?.text == "Passwort falsch: für x")
        #expect(ConnectFailure.serverMessage(in: "could not translate host name \"a:  b: c\" to address") == nil)
        #expect(SQLState("28P01").fault("x").kind == .refused)
        #expect(SQLState("53100").fault("x").kind == .unavailable)
        #expect(SQLState("XX001").fault("x").kind == .corrupt)
    }

    @Test(
        "a server that goes away during the handshake is only away",
        arguments: [
            "SSL SYSCALL error: EOF detected",
            "server closed the connection unexpectedly\n\tThis probably means the server terminated abnormally\n"
                + "\tbefore or while processing the request.\nSSL SYSCALL error: Connection reset by peer",
            "SSL SYSCALL error: Broken pipe", "SSL SYSCALL error: Connection timed out", "SSL SYSCALL error: Success",
            "SSL connection has been closed unexpectedly", "SSL error: unexpected eof while reading",
            "could not send SSL negotiation packet: Connection reset by peer",
            "could not send GSSAPI negotiation packet: Broken pipe",
            "server sent an error response during SSL exchange",
            "SSL SYSCALL error: EOF detected\nconnection to server at \"127.0.0.1\", port 5432 failed: Connection refused",
        ]
    )
    func away(_ words: String) {
        let fault = ConnectFailure.described("connection to server at \"127.0.0.1\", port 5432 failed: \(words)\n")
        #expect(fault.kind == .unavailable && fault.fix != nil, "\(fault)")
    }

    @Test(
        "one that is not to be trusted is refused, whatever another one does",
        arguments: [
            "SSL error: certificate verify failed", "server does not support SSL, but SSL was required",
            "SSL error: tlsv1 alert unknown ca", "could not create SSL context: library has no ciphers",
            "server certificate for \"localhost\" does not match host name \"127.0.0.1\"",
            "GSSAPI encryption required but was impossible (possibly no credential cache)",
            "SSL error: wrong version number\nThis may indicate that the server does not support any SSL protocol version",
            "SSL SYSCALL error: EOF detected\nconnection to server at \"b\", port 1 failed: SSL error: certificate verify failed",
            "SSL error: certificate verify failed\nconnection to server at \"b\", port 1 failed: SSL SYSCALL error: EOF detected",
        ]
    )
    func untrusted(_ words: String) {
        let fault = ConnectFailure.described("connection to server at \"127.0.0.1\", port 5432 failed: \(words)\n")
        #expect(fault.kind == .refused && fault.fix?.contains("sslmode") == true, "\(fault)")
    }

    @Test("a text that PostgreSQL cannot hold does not keep a record from being written")
    func zero() async throws {
        try await Gateways.with(1) { stores in
            var request = Request(of: stores[0])
            request.record.result.graphCode = "a\0b"
            try await stores[0].begin(request)
            try await stores[0].settle(request, as: .refused)
            #expect(try await stores[0].record(request.record.id)?.result.graphCode == "a\u{FFFD}b")
        }
    }

    @Test("one write that the server refuses does not spoil those that share its transaction")
    func spoilt() async throws {
        try await Gateways.with(1) { stores, database, server in
            try await server.run(
                "ALTER TABLE enrollment_gateway.records ADD CHECK (caller <> 'bad')",
                in: database
            )
            let faults = await withTaskGroup(of: LedgerFault?.self) { group in
                for index in 0..<200 {
                    group.addTask {
                        let request = Request(by: index.isMultiple(of: 50) ? "bad" : "good", of: stores[0])
                        return await fault { () throws(LedgerFault) in
                            try await stores[0].begin(request.record, acceptedAgo: .zero, work: .seconds(60))
                        }
                    }
                }
                var faults: [LedgerFault] = []
                for await fault in group { if let fault { faults.append(fault) } }
                return faults
            }
            #expect(faults.count == 4)
            #expect(faults.allSatisfy { !$0.isUncertain && $0.reason.contains("23514") })
            #expect(try await stores[0].records(LedgerFilter(), after: nil, limit: 1000).count == 196)
        }
    }
}
