import Foundation
import GRDB
import SQLiteLedger
import TestSupport
import Testing

@Suite("audit, end to end", .timeLimit(.minutes(5)))
struct AuditTests {
    private func audit(_ arguments: [String], ledger: String? = nil) async throws -> (
        output: String, complaint: String, code: Int32
    ) {
        let environment = ledger.map { ["LEDGER_URL": $0] } ?? [:]
        let program = try Program("enrollment-gateway", ["audit"] + arguments, environment: environment)
        let code = try await program.exitCode()
        return (program.standardOutput, program.standardError, code)
    }

    @Test("without a file it says which one was meant, and makes none", arguments: [[], ["--json"], ["--follow"]])
    func missing(arguments: [String]) async throws {
        let folder = try Folder()
        let path = folder.path("none/ledger.sqlite")
        let answer = try await audit(arguments, ledger: "sqlite:\(path)")
        #expect(answer.code == 1 && answer.output.isEmpty)
        #expect(
            answer.complaint.hasPrefix("The ledger cannot be read: no gateway has written \(path) yet. LEDGER_URL ")
        )
        #expect(folder.names.isEmpty)
    }

    @Test("where nothing is kept it says so, and a URL that is none is not shown")
    func settings() async throws {
        let none = try await audit([], ledger: "none")
        #expect(none.code == 78 && none.complaint.hasPrefix("LEDGER_URL is none: "))
        let wrong = try await audit([], ledger: "mysql://user:hunter2@host/db")
        #expect(wrong.code == 78 && wrong.complaint.contains("LEDGER_URL: it is neither"))
        #expect(!wrong.complaint.contains("hunter2"))
    }

    @Test(
        "what makes no sense is refused by its name, with the reason",
        arguments: [
            ("--caller", "a b", "letters, digits"), ("--profile", "7b1d2c3e", "GUID"),
            ("--kind", "phone", "'device-owner'"),
            ("--since", "yesterday", "24h"), ("--since", "2999-01-01", "in the future"),
            ("--outcome", "lost", "- not-created"),
            ("--limit", "-5", "--limit"), ("--limit", "some", "or all"),
        ]
    )
    func arguments(option: String, value: String, reason: String) async throws {
        let answer = try await audit([option, value], ledger: "none")
        #expect(answer.code == 64)
        #expect(answer.complaint.contains(option) && answer.complaint.contains(reason), "\(answer.complaint)")
    }

    @Test("what was read before the ledger fails is shown", arguments: [[], ["--json"]])
    func damaged(format: [String]) async throws {
        let folder = try Folder()
        let path = try await ledger(of: 600, in: folder) {
            try $0.execute(sql: "UPDATE records SET state = 'lost' WHERE number = 600")
        }
        let answer = try await audit(["--limit", "all"] + format, ledger: "sqlite:\(path)")
        #expect(answer.code == 1 && answer.complaint.hasPrefix("The ledger cannot be read: the file is damaged"))
        // A page, and the heads of the table.
        #expect(answer.output.split(separator: "\n").count == 500 + (format.isEmpty ? 1 : 0))
        #expect(!answer.complaint.contains("no such record"))
    }

    @Test("that no record is shown is not said to be that there is none")
    func limitOfZero() async throws {
        let folder = try Folder()
        let path = try await ledger(of: 3, in: folder)
        let cut = try await audit(["--limit", "0"], ledger: "sqlite:\(path)")
        #expect(cut.code == 0 && cut.output.isEmpty)
        #expect(cut.complaint == "None is shown because of --limit 0; --limit all shows all that match.\n")
        for limit in ["0", "5"] {
            let none = try await audit(["--limit", limit, "--caller", "nobody"], ledger: "sqlite:\(path)")
            #expect(none.code == 0 && none.output.isEmpty && none.complaint == "The ledger has no such record.\n")
        }
    }

    /// A ledger with so many records, and its path.
    private func ledger(
        of count: Int,
        in folder: Folder,
        _ change: @escaping @Sendable (Database) throws -> Void = { _ in }
    ) async throws -> String {
        let path = folder.path("ledger.sqlite")
        let ledger = SQLiteLedger(path: path)
        try await ledger.open()
        await ledger.close()
        try await DatabaseQueue(path: path).write { database in
            for number in 1...count {
                let id = Data(repeating: 0, count: 14) + [UInt8(number >> 8), UInt8(number & 0xFF)]
                try database.execute(
                    sql: """
                        INSERT INTO records (id, operation, caller, profile, kind, request_id, fingerprint, instance, state,
                            accepted_at)
                        VALUES (?, 'create', 'it', zeroblob(16), 'device-owner', 'r', zeroblob(32), zeroblob(16), 'refused', ?)
                        """,
                    arguments: [id, number]
                )
            }
            try change(database)
        }
        return path
    }

    @Test("a caller is one that a key ring may have, or the one of API_KEY")
    func callers() async throws {
        let form = "A caller's name is 1 to 64 characters out of letters, digits, '.', '_' and '-', beginning with"
        for name in ["", "a b", "é", ".x", "_x", "\u{1B}[2J", String(repeating: "a", count: 65)] {
            let answer = try await audit(["--caller", name], ledger: "none")
            #expect(answer.code == 64 && answer.complaint.contains(form), "\(name): \(answer.complaint)")
        }
        for name in ["portal-eu_2.x", "default", String(repeating: "a", count: 64)] {
            let answer = try await audit(["--caller", name], ledger: "none")
            #expect(answer.code == 78 && answer.complaint.hasPrefix("LEDGER_URL is none: "), "\(name)")
        }
    }

    @Test("following what is running makes no sense")
    func running() async throws {
        let answer = try await audit(["--follow", "--outcome", "running"], ledger: "none")
        #expect(answer.code == 64 && answer.complaint.contains("--follow shows what is decided"))
    }
}
