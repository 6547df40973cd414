import Foundation
import Glibc
import TestSupport

/// A gateway that serves until it is stopped or killed.
final class LedgerGateway: Sendable {
    let program: Program
    let url: String
    let managementURL: String

    init(_ environment: [String: String]) async throws {
        program = try Program("enrollment-gateway", ["serve"], environment: environment)
        let port = try await program.logLine("Serving callers")["http.port"] ?? ""
        let managementPort = try await program.logLine("Serving management")["management.port"] ?? ""
        url = "http://127.0.0.1:\(port)"
        managementURL = "http://127.0.0.1:\(managementPort)"
    }

    /// Ends it as a loss of its machine's power would, but for what the kernel has: nothing of its own runs any more.
    func kill() async throws {
        Glibc.kill(program.processID, SIGKILL)
        _ = try await program.exitCode()
    }

    func stop() async throws {
        program.terminate()
        guard try await program.exitCode() == 0 else {
            throw Program.Failure(description: "it does not end in order: \(program.standardError)")
        }
    }

    /// What `/readyz` says: the whole, and of its part `ledger`.
    func readiness() async throws -> (code: Int, status: String, ledger: String) {
        let answer = try await curl([managementURL + "/readyz"])
        let checks = answer.json["checks"] as? [[String: Any]]
        let ledger = checks?.first { $0["name"] as? String == "ledger" }
        return (answer.status, answer["status"] ?? "", ledger?["status"] as? String ?? "")
    }

    /// Suspends until `/readyz` says so of the ledger; the test's time limit bounds it.
    func waitUntilLedger(is status: String) async throws {
        while !Task.isCancelled {
            if try await readiness().ledger == status { return }
            try? await Task.sleep(for: .milliseconds(100))
        }
        throw Program.Failure(description: "the ledger is never \(status): \(program.standardOutput)")
    }
}
