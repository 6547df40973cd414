import Foundation
import TestSupport
import TestUpstream
import Testing

/// What a scraper finds on the management port.
@Suite("Metrics, end to end", .timeLimit(.minutes(5)))
struct MetricsTests {
    private func metrics(_ gateway: Program) async throws -> String {
        let port = try await gateway.logLine("Serving management")["management.port"] ?? ""
        let answer = try await curl(["http://127.0.0.1:\(port)/metrics"])
        #expect(answer.status == 200)
        #expect(answer.fields["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        return answer.body
    }

    /// A gateway of which every metric has something to say.
    private func busyDeployment(_ folder: Folder) async throws -> Deployment {
        let deployment = try await Deployment.start(settings: [
            "AZURE_CLIENT_SECRET_EXPIRES_ON": "2999-01-01", "AUDIT_LOG_PATH": folder.path("audit.jsonl"),
            // Nobody takes them there.
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9",
        ])
        // One try that was throttled, and one whose answer was lost.
        try await deployment.inject(
            #"{"operation": "createToken", "effect": "answer", "status": 429, "headers": {"Retry-After": "1"}, "next": 1}"#
        )
        #expect(try await deployment.mint().status == 201)
        try await deployment.inject(
            #"{"operation": "createToken", "effect": "reset", "at": "after-acting", "next": 1}"#
        )
        let key = ["-H", "Idempotency-Key: 0a1b2c3d-once"]
        #expect(try await deployment.mint(options: key).status == 201)
        #expect(try await deployment.mint(options: key).status == 201)
        #expect(try await deployment.mint(key: "wrong-key-0123456789").status == 401)
        return deployment
    }

    /// One that speaks TLS to its callers.
    private func secureGateway(_ folder: Folder) throws -> Program {
        let (certificate, key) = try TestAuthority().identity()
        try folder.write(certificate, to: "chain.pem")
        try folder.write(key, to: "key.pem")
        return try Program(
            "enrollment-gateway",
            ["serve", "--sandbox"],
            environment: [
                "HTTP_TLS_CERTIFICATE_PATH": folder.path("chain.pem"),
                "HTTP_TLS_PRIVATE_KEY_PATH": folder.path("key.pem"), "HTTP_PORT": "0", "MANAGEMENT_PORT": "0",
            ]
        )
    }

    @Test("docs/metrics.md lists what a running service shows; UPDATE_METRICS=1 writes it")
    func document() async throws {
        let folder = try Folder()
        let deployment = try await busyDeployment(folder)
        var shown = MetricsDocument(try await metrics(deployment.gateway))
        shown.add(MetricsDocument(try await metrics(try secureGateway(folder))))
        let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../docs/metrics.md")
            .standardized
        let document = try String(contentsOf: file, encoding: .utf8)
        let expected = shown.written(into: document)
        if ProcessInfo.processInfo.environment["UPDATE_METRICS"] == "1" {
            try expected.write(to: file, atomically: true, encoding: .utf8)
            return
        }
        let difference = expected.split(separator: "\n").difference(from: document.split(separator: "\n"))
        #expect(document.contains(MetricsDocument.begin) && document.contains(MetricsDocument.end))
        #expect(difference.isEmpty, "run `make metrics` to write docs/metrics.md anew")
    }

    @Test("the numbers are those of what happened")
    func numbers() async throws {
        let folder = try Folder()
        let text = try await metrics(try await busyDeployment(folder).gateway)
        for line in [
            #"gateway_outcomes_total{operation="create-token",outcome="created"} 2"#,
            #"gateway_problems_total{code="api-key-invalid"} 1"#,
            #"gateway_retries_total{operation="create-token",reason="throttled"} 1"#,
            #"gateway_read_backs_total{operation="create-token",result="yes"} 1"#,
            #"gateway_upstream_request_duration_seconds_count{operation="create-token",status="204"} 1"#,
            #"gateway_upstream_request_duration_seconds_count{operation="create-token",status="429"} 1"#,
            #"gateway_upstream_request_duration_seconds_count{operation="create-token",status="connection-lost"} 1"#,
            #"gateway_upstream_request_duration_seconds_count{operation="access-token",status="200"} 1"#,
            #"gateway_ledger_write_duration_seconds_count{operation="claim"} 2"#, "gateway_ready 1",
        ] {
            #expect(text.contains(line + "\n"), "\(line) is not in \(text)")
        }
    }

    @Test("promtool has nothing to say against it")
    func format() async throws {
        let folder = try Folder()
        let text = try await metrics(try await busyDeployment(folder).gateway)
        let path = try folder.write(text, to: "metrics")
        let check = try await run("sh", ["-c", "promtool check metrics <'\(path)' 2>&1"])
        #expect(check.code == 0 && check.output == "", "\(check.output)")
    }

    @Test("METRICS=off measures nothing")
    func off() async throws {
        let deployment = try await Deployment.start(settings: ["METRICS": "off"])
        #expect(try await deployment.mint().status == 201)
        let port = try await deployment.gateway.logLine("Serving management")["management.port"] ?? ""
        #expect(try await curl(["http://127.0.0.1:\(port)/metrics"]).status == 404)
    }
}
