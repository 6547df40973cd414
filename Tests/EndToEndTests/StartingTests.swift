import Foundation
import TestSupport
import Testing

/// The first moments of the service.
@Suite("Starting, end to end", .timeLimit(.minutes(5)), .fewAtOnce(2))
struct StartingTests {
    /// A sandbox whose Entra does this to the first who asks, and a gateway that has not been waited for.
    private func start(_ effect: String?, _ settings: [String: String] = [:]) async throws -> (LedgerSite, Program) {
        let site = try await LedgerSite()
        if let effect { try await site.inject(#"{"operation": "token", \#(effect)}"#) }
        return (site, try site.program(settings))
    }

    private static let isDown = #""effect": "reset", "at": "before-reading", "untilReset": true"#
    private static let warning = "Callers are let in before there is an access token"

    private func messages(_ gateway: Program) -> [String] { gateway.log.compactMap { $0["message"] } }

    @Test("the management port opens at once, the callers' port with the first access token")
    func waits() async throws {
        // Longer than this test waits for a line.
        let (site, gateway) = try await start(Self.isDown, ["STARTUP_LIMIT": "10m"])
        let management = try await gateway.logLine("Serving management")["management.port"] ?? ""
        let readiness = try await curl(["http://127.0.0.1:\(management)/readyz"])
        #expect(readiness.status == 503)
        #expect(readiness.body.contains(#"{"name":"serving","status":"not-ready","detail":"starting""#))
        #expect(try await curl(["http://127.0.0.1:\(management)/livez"]).status == 200)
        #expect(!messages(gateway).contains("Serving callers"))
        _ = try await curl(["-X", "DELETE", site.sandboxURL + "/_sandbox/faults"])
        _ = try await gateway.logLine("Serving callers")
        let order = messages(gateway).filter { ["Serving callers", "access token obtained"].contains($0) }
        #expect(order == ["access token obtained", "Serving callers"])
        #expect(try await curl(["http://127.0.0.1:\(management)/readyz"]).status == 200)
        #expect(!messages(gateway).contains(Self.warning))
    }

    @Test("it opens after STARTUP_LIMIT at the latest, and says why")
    func limit() async throws {
        let (site, gateway) = try await start(Self.isDown, ["STARTUP_LIMIT": "5s"])
        let line = try await gateway.logLine(Self.warning)
        #expect(line["startup.reason"] == "the time for the start is over")
        #expect(line["entra.reason"] == "unreachable")
        _ = try await gateway.logLine("Serving callers")
        withExtendedLifetime(site) {}
    }

    @Test("without a limit it opens at once, and that needs no words")
    func withoutLimit() async throws {
        let (site, gateway) = try await start(Self.isDown, ["STARTUP_LIMIT": "0s"])
        _ = try await gateway.logLine("Serving callers")
        let unexpected = [Self.warning, "access token obtained"]
        #expect(!messages(gateway).contains(where: unexpected.contains))
        withExtendedLifetime(site) {}
    }

    @Test("a credential that is refused is not waited for")
    func refused() async throws {
        let site = try await LedgerSite()
        _ = try await curl(["-X", "POST", site.sandboxURL + "/_sandbox/tenant", "-d", #"{"clientSecret": "another"}"#])
        // Longer than this test waits for a line.
        let gateway = try site.program(["STARTUP_LIMIT": "10m"])
        let line = try await gateway.logLine(Self.warning)
        #expect(line["startup.reason"] == "the credential is refused")
        #expect(line["entra.reason"] == "secret-wrong")
        _ = try await gateway.logLine("Serving callers")
    }

    @Test("SIGTERM ends a start that waits for an access token, whatever the grace")
    func terminated() async throws {
        let (site, gateway) = try await start(Self.isDown, ["STARTUP_LIMIT": "10m", "SHUTDOWN_GRACE": "10m"])
        _ = try await gateway.logLine("Serving management")
        gateway.terminate()
        #expect(try await gateway.exitCode() == 0)
        let order = messages(gateway).filter { ["Shutting down", "Stopped", "Serving callers"].contains($0) }
        #expect(order == ["Shutting down", "Stopped"])
        withExtendedLifetime(site) {}
    }

    @Test("SIGTERM ends a start that waits for the ledger")
    func terminatedEarly() async throws {
        let site = try await LedgerSite()
        let first = try await site.gateway()
        let second = try site.program()
        // It waits for the first one's lock for seconds, and says nothing meanwhile.
        while !hasOpen(second, site.folder.path("ledger.sqlite.lock")) {
            try await Task.sleep(for: .milliseconds(5))
        }
        second.terminate()
        #expect(try await second.exitCode() == 0)
        #expect(second.standardError == "")
        try await first.stop()
    }

    private func hasOpen(_ program: Program, _ path: String) -> Bool {
        let folder = "/proc/\(program.processID)/fd"
        let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return files.contains {
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(folder)/\($0)")) == path
        }
    }
}
