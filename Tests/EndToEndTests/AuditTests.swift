import Foundation
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

    @Test("following what is running makes no sense")
    func running() async throws {
        let answer = try await audit(["--follow", "--outcome", "running"], ledger: "none")
        #expect(answer.code == 64 && answer.complaint.contains("--follow shows what is decided"))
    }
}
