import Foundation
import TestSupport
import Testing

@Suite("What is in the ledger's files, end to end", .timeLimit(.minutes(5)))
struct LedgerSecrecyTests {
    private static let key = "idempotency-canary-4711"
    /// Of an access token, whichever member of its header is the first: `alg`, `typ` or `kid`. Less of it would be among the digests
    /// in a file by chance.
    private static let tokenBeginnings = ["eyJhbGci", "eyJ0eXAi", "eyJraWQi"]

    @Test("no token, no QR code, no key of either kind is in any file of the ledger, nor in the audit log")
    func canary() async throws {
        let (place, logs) = (try Folder(), try Folder())
        let site = try await LedgerSite(
            settings: [
                "LEDGER_URL": "sqlite:" + place.path("ledger.sqlite"), "AUDIT_LOG_PATH": logs.path("audit.log"),
                "LOG_LEVEL": "trace",
            ]
        )
        let gateway = try await site.gateway()
        var values: [String] = []
        for (suffix, kind, profile) in [
            ("a", "android-for-work", Deployment.profile), ("b", "device-owner", Deployment.deviceOwnerProfile),
        ] {
            var request = KeyedRequest(key: Self.key + suffix, profile: profile, kind: kind)
            request.wantsRepresentation = true
            // The second time it is a replay, with the token read anew.
            for _ in 0..<2 {
                let answer = try #require(await request.send(to: gateway.url))
                #expect(answer.status == 201 && answer["representation"] == "complete")
                values.append(try #require(answer["value"]))
            }
            request.validity = nil
            request.key += "-revocation"
            #expect(await request.send(to: gateway.url)?.status == 204)
        }
        try await site.inject(#"{"operation": "createToken", "effect": "reset", "at": "after-acting"}"#)
        #expect(await KeyedRequest(key: Self.key + "-reset").send(to: gateway.url)?.status == 201)
        values.append(try #require(try await site.profile().tokenValue))
        let secrets = values + [Self.key, Deployment.key, Deployment.secret, "PROVISIONING"] + Self.tokenBeginnings

        // While it serves, with what is in the write-ahead log, and after it has ended.
        try check(place, logs, has: secrets)
        #expect(place.names.contains { $0.hasSuffix("-wal") })
        try await gateway.stop()
        try check(place, logs, has: secrets)
        #expect(try logs.read("audit.log").split(separator: "\n").count == 5)
        let log = gateway.program.standardOutput + gateway.program.standardError
        for secret in secrets { #expect(!log.contains(secret), "\(secret)") }
    }

    @Test("nor in any table of PostgreSQL")
    func tables() async throws {
        let server = try await PostgreSQLServer.shared()
        let database = try await server.database()
        let site = try await LedgerSite(settings: ["LEDGER_URL": server.url(database)])
        let gateway = try await site.gateway()
        var request = KeyedRequest(key: Self.key)
        request.wantsRepresentation = true
        let answer = try #require(await request.send(to: gateway.url))
        #expect(answer.status == 201 && answer["representation"] == "complete")
        let tables = try await server.run(
            "SELECT format('%I.%I', schemaname, relname) FROM pg_stat_user_tables",
            in: database
        ).split(separator: "\n")
        var everything = ""
        for table in tables { everything += try await server.run("SELECT t::text FROM \(table) t", in: database) }
        #expect(everything.contains(Deployment.profile) && everything.contains(answer["graphRequestId"] ?? "none"))
        let secrets = [try #require(answer["value"]), Self.key, Deployment.key, Deployment.secret, "PROVISIONING"]
        for secret in secrets + Self.tokenBeginnings {
            #expect(!everything.lowercased().contains(secret.lowercased()), "\(secret)")
        }
    }

    private func check(_ folders: Folder..., has secrets: [String]) throws {
        for folder in folders {
            #expect(!folder.names.isEmpty)
            for name in folder.names {
                let bytes = try Data(contentsOf: URL(filePath: folder.path(name)))
                for secret in secrets {
                    let texts = [
                        Data(secret.utf8), Data(secret.lowercased().utf8), secret.data(using: .utf16LittleEndian)!,
                    ]
                    for text in texts { #expect(bytes.range(of: text) == nil, "\(secret) in \(name)") }
                }
            }
        }
    }
}
