import Foundation
import TestSupport
import Testing

/// What operators take for running the gateway, held against the gateway and against the programs that read it.
/// `scripts/deployment-tools` installs what checks it.
@Suite("What the gateway is deployed with", .timeLimit(.minutes(10)))
struct DeploymentFilesTests {
    /// Runs one of the checks; what it wrote is the failure.
    private func check(_ arguments: String...) async throws {
        let command = ComposeFile.root.appending(path: "Tests/Deployment/run").path
        let (output, code) = try await run("sh", ["-c", "exec \"$@\" 2>&1", "sh", command] + arguments)
        #expect(code == 0, "\(output)")
    }

    @Test("each alert fires when it should and not before, and has its paragraph in the runbook")
    func alerts() async throws {
        try await check("alerts")
    }

    @Test("the objects for Kubernetes fit its schemas, each other, and the gateway's settings")
    func kubernetes() async throws {
        try await check("kubernetes", Program.folder.path)
    }

    @Test("the unit for systemd is in order, closed, and stops late enough")
    func systemd() async throws {
        try await check("systemd", Program.folder.path)
    }

    @Test("docker-compose.yml fits its specification, and what its services are configured with fits together")
    func compose() async throws {
        try await check("compose", Program.folder.path)
    }

    @Test("a Prometheus that watches a gateway answers each query of the dashboard with data")
    func dashboard() async throws {
        try await check("dashboard", Program.folder.path)
    }
}
