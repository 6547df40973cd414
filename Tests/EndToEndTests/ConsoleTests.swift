import Foundation
import Testing

@Suite("The console, end to end", .timeLimit(.minutes(5)))
struct ConsoleTests {
    /// Of a process, in bytes.
    private func residentBytes(_ process: Int32) throws -> Int {
        let status = try String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8)
        let line = try #require(status.split(separator: "\n").first { $0.hasPrefix("VmRSS:") })
        return try #require(Int(line.split { !$0.isNumber }[0])) * 1024
    }

    private func managementPort(of deployment: Deployment) async throws -> Int {
        let line = try await deployment.gateway.logLine("Serving management")
        return try #require(Int(line["management.port"] ?? ""))
    }

    /// Less than what the answers to them would take, were they kept.
    private static let mostGrowth = 48 << 20

    @Test("as many connections as a hundred browsers have open leave room for the probes")
    func idleConnections() async throws {
        let deployment = try await Deployment.start()
        let port = try await managementPort(of: deployment)
        let open = try (0..<600).map { _ in try #require(Connection(port: UInt16(port))) }
        #expect(try await curl(["http://127.0.0.1:\(port)/readyz"]).status == 200)
        // They are connections of the gateway's, not of the system's queue alone.
        for connection in [open[0], open[599]] {
            #expect(connection.send(Array("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)))
            #expect(connection.answer()?.status == 200)
        }
    }

    /// Asks for so much that the console has all the requests to show that it can.
    private func fillHistory(of deployment: Deployment) throws {
        let url = try #require(URL(string: deployment.tokenURL()))
        let port = try #require(url.port)
        let caller = try #require(Connection(port: UInt16(port)))
        let head = ["GET \(url.path) HTTP/1.1", "Host: localhost", "X-API-Key: \(Deployment.key)", "", ""]
        for _ in 0..<120 {
            #expect(caller.send(Array(head.joined(separator: "\r\n").utf8)))
            #expect(caller.answer()?.status == 200)
        }
    }

    /// Of each console.
    private static let requests = 200

    @Test("a hundred open consoles that read nothing take little memory, and others are answered")
    func slowConsoles() async throws {
        // However long the others take here, no console is given up meanwhile.
        let deployment = try await Deployment.start(settings: [
            "GRAPH_WRITE_LIMIT": "off", "HTTP_WRITE_TIMEOUT": "600s", "HTTP_IDLE_TIMEOUT": "600s",
            "HTTP_HEADER_TIMEOUT": "600s",
        ])
        try fillHistory(of: deployment)
        let port = try await managementPort(of: deployment)
        let page = try await curl(["http://127.0.0.1:\(port)/"])
        #expect(page.status == 200)
        try #require(Self.requests * page.body.utf8.count * 100 > 4 * Self.mostGrowth)

        let before = try residentBytes(deployment.gateway.processID)
        let consoles = try (0..<100).map { _ in try #require(Connection(port: UInt16(port))) }
        for (number, console) in consoles.enumerated() {
            // Each looks at something of its own, so that not all are shown the same bytes.
            let request =
                "GET /?page=\(number / 2)&refresh=\(number % 2 == 0 ? "on" : "off") HTTP/1.1\r\nHost: localhost\r\n\r\n"
            #expect(console.send(Array(String(repeating: request, count: Self.requests).utf8)))
        }
        for _ in 0..<20 {
            let ready = try await curl(["http://127.0.0.1:\(port)/readyz"])
            #expect(ready.status == 200)
            #expect(try await deployment.mint().status == 201)
        }
        let growth = try residentBytes(deployment.gateway.processID) - before
        #expect(growth < Self.mostGrowth, "\(growth) bytes for \(page.body.utf8.count) of a page")
        // Who reads after all is answered.
        #expect(consoles.allSatisfy { $0.answer()?.status == 200 })
    }
}
