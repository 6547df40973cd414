import Foundation
import Testing

@Suite("Operation, end to end", .timeLimit(.minutes(5)))
struct OperationTests {
    @Test("with --sandbox the printed call can be copied and answers 201")
    func printedCall() async throws {
        let gateway = try Program(
            "enrollment-gateway",
            ["serve", "--sandbox", "--http-port", "0", "--management-port=0"]
        )
        let call = try await gateway.waitFor("the call to copy") { program -> String? in
            guard let start = program.standardError.range(of: "curl -i"),
                let end = program.standardError[start.lowerBound...].range(of: "}'")
            else { return nil }
            return String(program.standardError[start.lowerBound..<end.upperBound])
        }
        let (output, code) = try await run("sh", ["-c", call])
        #expect(code == 0)
        #expect(output.hasPrefix("HTTP/1.1 201 Created"))
        #expect(output.contains("\"expiresAt\""))
        #expect(gateway.standardError.contains("/docs\n"))
        #expect(gateway.standardError.contains("The operator's console: http://127.0.0.1:"))
        #expect(gateway.log.contains { $0["level"] == "warning" && $0["message"]?.contains("sandbox") == true })
        gateway.terminate()
        #expect(try await gateway.exitCode() == 0)
    }

    /// What the command says of a gateway that is there. On a busy machine one may need longer for its answer than the command waits:
    /// then it is asked again.
    private func health(_ flags: [String] = [], port: String) async throws -> (code: Int32, complaint: String) {
        while true {
            let environment = ["MANAGEMENT_PORT": port]
            let program = try Program("enrollment-gateway", ["health"] + flags, environment: environment)
            let answer = (code: try await program.exitCode(), complaint: program.standardError)
            if !answer.complaint.contains("does not answer") { return answer }
            try Task.checkCancellation()
        }
    }

    @Test("health answers by its exit code")
    func health() async throws {
        let deployment = try await Deployment.start()
        let port = try await deployment.gateway.logLine("Serving management")["management.port"] ?? ""
        #expect(try await health(port: port).code == 0)
        #expect(try await health(["--ready"], port: port).code == 0)
        let nobody = try Program("enrollment-gateway", ["health", "--management-port", "9"])
        #expect(try await nobody.exitCode() == 1)
        #expect(nobody.standardError.contains("does not answer"))
    }

    @Test("a gateway without an access token is alive, and health --ready says that it is not ready")
    func notReady() async throws {
        let deployment = try await Deployment.start(settings: [
            "AZURE_CLIENT_SECRET_FILE": "", "AZURE_CLIENT_SECRET": "wrong",
        ])
        let port = try await deployment.gateway.logLine("Serving management")["management.port"] ?? ""
        #expect(try await health(port: port).code == 0)
        let ready = try await health(["--ready"], port: port)
        #expect(ready.code == 1)
        #expect(ready.complaint.contains("The service answered 503"))
    }

    @Test("SIGTERM lets the request in flight finish, and the gateway ends with 0")
    func termination() async throws {
        let deployment = try await Deployment.start()
        #expect(try await deployment.mint().status == 201)
        try await deployment.inject(#"{"operation": "createToken", "effect": "delay", "delayMilliseconds": 2000}"#)
        async let answer = deployment.mint(validity: 7200)
        try await wait(until: "createToken arrives twice") { try await deployment.arrived("createToken") == 2 }
        deployment.gateway.terminate()
        #expect(try await answer.status == 201)
        #expect(try await deployment.gateway.exitCode() == 0)
        // At the trace level a library may have a last word of its own.
        #expect(deployment.gateway.log.contains { $0["message"] == "Stopped" })
    }

    @Test("every problem of the configuration is reported at once, with 78")
    func wrongConfiguration() async throws {
        let environment = [
            "HTTP_PORT": "eighty", "API_KEY": "short", "AZURE_TENANT_ID": "common", "GRAPH_DEADLINE": "25",
            "GRAPH_BASE_URL": "http://graph.microsoft.com/beta", "AZURE_CLIENT_SECRET_FILE": "/nowhere/secret",
        ]
        for command in ["serve", "check"] {
            let program = try Program("enrollment-gateway", [command, "--no-such-flag", "1"], environment: environment)
            #expect(try await program.exitCode() == 78)
            for name in environment.keys.sorted() + ["AZURE_CLIENT_ID", "--no-such-flag"] {
                #expect(program.standardError.contains("- \(name): "), "\(name)")
            }
            #expect(!program.standardError.contains("short"))
        }
    }

    @Test("check tells when the gateway starts and how it ends")
    func lifecycle() async throws {
        let environment = [
            "API_KEY": Deployment.key, "AZURE_TENANT_ID": Deployment.tenant, "AZURE_CLIENT_ID": Deployment.client,
            "AZURE_CLIENT_SECRET": Deployment.secret, "SHUTDOWN_GRACE": "5s",
        ]
        let program = try Program("enrollment-gateway", ["check"], environment: environment)
        #expect(try await program.exitCode() == 0)
        #expect(program.standardOutput.contains("start       callers are let in with the first access token"))
        #expect(program.standardOutput.contains("stop        5.0 seconds of grace, then 35.0 seconds to finish"))
    }

    @Test("a secret on the command line is refused and not repeated")
    func secretAsFlag() async throws {
        let program = try Program("enrollment-gateway", ["check", "--azure-client-secret", "hunter2hunter2"])
        #expect(try await program.exitCode() == 78)
        #expect(program.standardError.contains("AZURE_CLIENT_SECRET"))
        #expect(!(program.standardError + program.standardOutput).contains("hunter2"))
    }

    @Test("a sandbox does not start beside a real tenant")
    func sandboxBesideTenant() async throws {
        let program = try Program(
            "enrollment-gateway",
            ["serve", "--sandbox"],
            environment: ["AZURE_TENANT_ID": Deployment.tenant]
        )
        #expect(try await program.exitCode() == 78)
        #expect(program.standardError.contains("AZURE_TENANT_ID: it belongs to a real tenant"))
    }

    @Test("a sandbox that has no room for its ledger does not start, and says what to set")
    func sandboxWithoutRoom() async throws {
        let ports = ["HTTP_PORT": "0", "MANAGEMENT_PORT": "0"]
        let environment = ports.merging(["TMPDIR": "/nonexistent"]) { $1 }
        let program = try Program("enrollment-gateway", ["serve", "--sandbox"], environment: environment)
        #expect(try await program.exitCode() == 1)
        let complaint = "A folder for the sandbox's ledger cannot be made in /nonexistent: No such file or directory. "
        #expect(
            program.standardError.contains(complaint + "Set TMPDIR to a folder that can be written to, or LEDGER_URL.")
        )
        #expect(!program.standardError.contains("NSCocoa"))
    }

    @Test("a setting that this version does not have is refused rather than ignored")
    func unavailableSetting() async throws {
        let environment = [
            "OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:9", "OTEL_EXPORTER_OTLP_CLIENT_KEY": "/key.pem",
            "GRAPH_DEADLINE": "60s",
        ]
        let program = try Program("enrollment-gateway", ["serve", "--sandbox"], environment: environment)
        #expect(try await program.exitCode() == 78)
        #expect(program.standardError.contains("- OTEL_EXPORTER_OTLP_CLIENT_KEY: this version has no such setting"))
        #expect(program.standardError.contains("- SHUTDOWN_LIMIT: it is shorter than GRAPH_DEADLINE"))
    }

    @Test("a port in use is told in a sentence that names the setting")
    func portTaken() async throws {
        let deployment = try await Deployment.start()
        let port = deployment.gatewayURL.split(separator: ":").last.map(String.init) ?? ""
        let second = try Program(
            "enrollment-gateway",
            ["serve", "--sandbox", "--http-port", port, "--management-port", "0"]
        )
        #expect(try await second.exitCode() == 1)
        #expect(second.standardError.contains("in use"))
        #expect(second.standardError.contains("HTTP_PORT"))
    }

    @Test("no secret is in any output, whatever happens")
    func secrecy() async throws {
        let deployment = try await Deployment.start()
        var answers = ""
        let faults = [
            #"{"operation": "createToken", "effect": "answer", "status": 401}"#,
            #"{"operation": "createToken", "effect": "answer", "status": 403}"#,
            #"{"operation": "createToken", "effect": "reset", "at": "after-acting"}"#,
            #"{"operation": "createToken", "effect": "half", "at": "after-acting", "then": "close"}"#,
            #"{"operation": "token", "effect": "answer", "status": 500}"#,
        ]
        for fault in faults {
            try await deployment.inject(fault)
            answers += try await deployment.mint().body
        }
        answers += try await deployment.mint(key: "wrong-canary-key-4711").body
        answers += try await curl(["-X", "POST", deployment.tokenURL() + "?api_key=canary-in-query-4711"]).body
        let form = "client_id=\(Deployment.client)&client_secret=\(Deployment.secret)"
        let value = try await deployment.profile()["tokenValue"] as? String
        let seen = answers + deployment.gateway.standardOutput + deployment.gateway.standardError
        #expect(deployment.gateway.log.count > 20)
        for secret in [Deployment.key, Deployment.secret, "canary", "eyJ", form, try #require(value)] {
            #expect(!seen.contains(secret), "\(secret)")
        }
        let commandLine = try String(contentsOfFile: "/proc/\(deployment.gateway.processID)/cmdline", encoding: .utf8)
        #expect(!commandLine.contains(Deployment.secret))
    }
}
