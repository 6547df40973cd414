import Foundation
import Testing

@Suite("explain, end to end", .timeLimit(.minutes(5)))
struct ExplainTests {
    private func explain(_ arguments: [String], environment: [String: String] = [:]) async throws -> (
        output: String, complaint: String, code: Int32
    ) {
        let program = try Program("enrollment-gateway", ["explain"] + arguments, environment: environment)
        let code = try await program.exitCode()
        return (program.standardOutput, program.standardError, code)
    }

    @Test(
        "a code says what it means, who acts and what to do",
        arguments: ["AADSTS7000222", "7000222", "aadsts7000222"]
    )
    func known(code: String) async throws {
        let answer = try await explain([code])
        #expect(answer.code == 0)
        #expect(answer.output.hasPrefix("AADSTS7000222\n"))
        for part in ["expired", "Who acts", "Entra administrator", "What to do", "error?code=7000222"] {
            #expect(answer.output.contains(part), "\(part)")
        }
    }

    @Test("what cannot be written is no success", arguments: ["explain --list", "doctor --sandbox"])
    func fullDisk(command: String) async throws {
        let program = Program.folder.appendingPathComponent("enrollment-gateway").path
        let ended = try await run("sh", ["-c", "'\(program)' \(command) 2>&1 >/dev/full"])
        #expect(ended.code == 1)
        #expect(ended.output.contains("Standard output cannot be written: No space left on device"))
    }

    @Test("lines keep to the terminal's width", arguments: [64, 80])
    func width(columns: Int) async throws {
        let answer = try await explain(["graph-forbidden"], environment: ["COLUMNS": String(columns)])
        let lines = answer.output.split(separator: "\n")
        #expect(lines.count > 4)
        #expect(lines.allSatisfy { $0.count <= columns })
    }

    @Test("an unknown code says so, offers near ones, and ends with 1")
    func unknown() async throws {
        let answer = try await explain(["graph-forbiden"])
        #expect(answer.code == 1)
        #expect(answer.output.isEmpty)
        #expect(answer.complaint.contains("not known"))
        #expect(answer.complaint.contains("graph-forbidden"))
    }

    @Test("without a code, and with --list, all are listed", arguments: [[], ["--list"]])
    func list(arguments: [String]) async throws {
        let answer = try await explain(arguments)
        #expect(answer.code == 0)
        for code in [
            "credential-refused", "AADSTS7000215", "Authorization_RequestDenied", "secret-wrong", "tls-failed",
        ] {
            #expect(answer.output.contains(code), "\(code)")
        }
    }

    @Test("--json answers in JSON, for a code, an unknown one and the list")
    func json() async throws {
        func document(_ arguments: [String]) async throws -> [String: Any] {
            let program = try Program("enrollment-gateway", ["explain"] + arguments + ["--json"])
            // The list is larger than a pipe: its end may still be on its way when the program is gone.
            let output = try await program.waitFor("the document") { program in
                program.standardOutput.hasSuffix("}\n") ? program.standardOutput : nil
            }
            let document = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any]
            return try #require(document)
        }
        let conflict = try #require(try await document(["conflict"])["explanations"] as? [[String: Any]])
        #expect(conflict.map { $0["area"] as? String } == ["gateway", "graph"])
        #expect(conflict.allSatisfy { ["code", "meaning", "actor", "step"].allSatisfy($0.keys.contains) })
        let unknown = try await document(["7000216"])
        #expect((unknown["explanations"] as? [Any])?.isEmpty == true)
        #expect((unknown["near"] as? [String])?.first == "AADSTS7000215")
        #expect((try await document(["--list"])["explanations"] as? [Any])?.count ?? 0 > 100)
    }
}
