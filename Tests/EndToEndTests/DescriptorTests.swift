import Foundation
import TestSupport
import Testing

/// How many files and sockets a gateway may have open, and what it makes of that.
@Suite("Descriptors, end to end", .timeLimit(.minutes(5)), .fewAtOnce(2))
struct DescriptorTests {
    private static let warning =
        "Too few files may be open for HTTP_MAX_CONNECTIONS: fewer connections of callers are taken"

    private func limit(of gateway: Program) throws -> Int? {
        let limits = try String(contentsOfFile: "/proc/\(gateway.processID)/limits", encoding: .utf8)
        return limits.firstMatch(of: /Max open files +(\d+)/).flatMap { Int($0.output.1) }
    }

    @Test("its own limit is raised to what it needs")
    func raised() async throws {
        let site = try await LedgerSite()
        let gateway = try site.program(["HTTP_MAX_CONNECTIONS": "2000"], files: "64:3000")
        _ = try await gateway.logLine("Serving callers")
        let limit = try #require(try limit(of: gateway))
        #expect(limit > 2000)
        #expect(!gateway.log.contains { $0["message"] == Self.warning })
        withExtendedLifetime(site) {}
    }

    @Test("where few may be open, a crowd of callers leaves enough for Graph and for the management port")
    func crowd() async throws {
        let site = try await LedgerSite()
        let gateway = try site.program(files: "64:260")
        let port = try #require(UInt16(try await gateway.logLine("Serving callers")["http.port"] ?? ""))
        let management = try await gateway.logLine("Serving management")["management.port"] ?? ""
        let line = try await gateway.logLine(Self.warning)
        let most = try #require(Int(line["connections.limit"] ?? ""))
        #expect(line["level"] == "warning")
        let idle = open(gateway)
        // No more than fit into the system's queue, where those wait that are not taken.
        let crowd = try (0..<250).map { _ in try #require(Connection(port: port)) }
        _ = try await gateway.waitFor("as many as it takes") { open($0) >= idle + most ? true : nil }
        #expect(try await curl(["http://127.0.0.1:\(management)/readyz"]).status == 200)
        // One request for each, so that Graph is asked over more than the connection that there is already.
        let head = ["GET /profiles HTTP/1.1", "Host: 127.0.0.1", "X-API-Key: \(Deployment.key)", "", ""]
        for caller in crowd.prefix(most) { #expect(caller.send(Array(head.joined(separator: "\r\n").utf8))) }
        for caller in crowd.prefix(most) { #expect(caller.answer()?.status == 200) }
        #expect(open(gateway) < 260)
        withExtendedLifetime((site, crowd)) {}
    }

    /// How many it has open.
    private func open(_ gateway: Program) -> Int {
        (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(gateway.processID)/fd").count) ?? 0
    }
}
