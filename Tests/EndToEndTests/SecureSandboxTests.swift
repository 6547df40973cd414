import Foundation
import TestSupport
import Testing

@Suite("graph-sandbox over https", .timeLimit(.minutes(5)))
struct SecureSandboxTests {
    /// A sandbox with an authority of its own, and what curl needs to come to it.
    struct Secure {
        let program: Program
        let url: String
        let folder: Folder

        var trust: [String] { ["--cacert", folder.path + "/ca.pem"] }
        var port: String { String(url.split(separator: ":").last ?? "") }

        static func start(_ flags: [String] = []) async throws -> Secure {
            let folder = try Folder()
            let program = try Program("graph-sandbox", ["--port", "0", "--tls-directory", folder.path] + flags)
            return Secure(program: program, url: try await program.sandboxURL(), folder: folder)
        }

        func accessToken(_ options: [String]) async throws -> String {
            let tenant = "11111111-1111-4111-8111-111111111111"
            let answer = try await curl(
                options + trust + [
                    "\(url)/\(tenant)/oauth2/v2.0/token", "-d", "grant_type=client_credentials", "-d",
                    "client_id=22222222-2222-4222-8222-222222222222", "-d", "client_secret=sandbox-only-secret",
                    "--data-urlencode", "scope=\(url)/.default",
                ]
            )
            return answer["access_token"] ?? ""
        }

        /// What came of a `createToken` on the wire: curl's exit code, and the status, 0 for none.
        func createToken(_ options: [String], token: String) async throws -> (code: Int32, status: String) {
            let profile = "\(url)/beta/deviceManagement/androidForWorkEnrollmentProfiles/\(Deployment.profile)"
            let (output, code) = try await run(
                "curl",
                options + trust + [
                    "-sS", "-o", "/dev/null", "-w", "%{http_code}", "\(profile)/createToken", "-H",
                    "Authorization: Bearer \(token)", "-H", "Content-Type: application/json", "-d",
                    #"{"tokenValidityInSeconds": 3600}"#,
                ]
            )
            return (code, output)
        }

        func effective() async throws -> Int? {
            let counters = try await curl(trust + [url + "/_sandbox/counters"]).json
            return (counters["createToken"] as? [String: Any])?["effective"] as? Int
        }
    }

    @Test("both versions of HTTP are spoken, to those who trust its authority and to no others")
    func versions() async throws {
        let sandbox = try await Secure.start()
        #expect(sandbox.program.standardOutput.contains("certificate \(sandbox.folder.path)/ca.pem"))
        for (option, version) in [("--http2", "HTTP/2 200"), ("--http1.1", "HTTP/1.1 200")] {
            let (output, code) = try await run(
                "curl",
                [option, "-si", sandbox.url + "/_sandbox/clock"] + sandbox.trust
            )
            #expect(code == 0)
            #expect(output.hasPrefix(version))
        }
        // 60: the certificate is not to be trusted. 1 and 52: there is no plain http on that port.
        #expect(try await run("curl", ["-s", sandbox.url]).code == 60)
        let plain = sandbox.url.replacing("https:", with: "http:")
        #expect(try await run("curl", ["-s", plain]).code != 0)
        // Nothing older than TLS 1.2.
        let old = ["-s", "--tlsv1.0", "--tls-max", "1.1", "--ciphers", "ALL:@SECLEVEL=0", sandbox.url] + sandbox.trust
        #expect(try await run("curl", old).code == 35)
    }

    @Test("its certificate has the names that it was given, and those of the machine itself")
    func names() async throws {
        let sandbox = try await Secure.start(["--host", "127.0.0.2", "--name", "graph.microsoft.com", "--name", "::2"])
        #expect(sandbox.url.hasPrefix("https://127.0.0.2:"))
        for name in ["graph.microsoft.com", "localhost", "127.0.0.1", "[::1]", "[::2]", "127.0.0.2"] {
            let options = ["--connect-to", "::127.0.0.2:\(sandbox.port)"] + sandbox.trust
            let answer = try await curl(options + ["https://\(name):\(sandbox.port)/_sandbox/clock"])
            #expect(answer.status == 200, "\(name)")
        }
        let stranger = ["-s", "--connect-to", "::127.0.0.2:\(sandbox.port)", "https://login.microsoftonline.com"]
        #expect(try await run("curl", stranger + sandbox.trust).code == 60)
    }

    @Test("on all addresses it announces a name that leads to it")
    func announcement() async throws {
        let unnamed = try await Secure.start(["--host", "0.0.0.0"])
        #expect(unnamed.url == "https://localhost:\(unnamed.port)")
        #expect(try await curl(unnamed.trust + [unnamed.url + "/_sandbox/clock"]).status == 200)
        let named = try await Secure.start(["--host", "0.0.0.0", "--name", "graph-sandbox"])
        #expect(named.url == "https://graph-sandbox:\(named.port)")
    }

    @Test(
        "its faults strike over both versions of HTTP",
        arguments: ["--http1.1", "--http2"],
        ["close", "reset", "half", "raw", "stall"]
    )
    func faults(version: String, effect: String) async throws {
        let sandbox = try await Secure.start()
        let options = [version]
        let token = try await sandbox.accessToken([version])
        #expect(try await sandbox.createToken(options, token: token) == (0, "204"))
        let text = effect == "raw" ? #", "text": "This is not HTTP, in no version of it.\r\n\r\n""# : ""
        try await Deployment.inject(
            #"{"operation": "createToken", "at": "after-acting", "effect": "\#(effect)"\#(text)}"#,
            at: sandbox.url,
            options: sandbox.trust
        )
        let limit = effect == "stall" ? ["--max-time", "15"] : []
        let spoilt = try await sandbox.createToken(options + limit, token: token)
        switch (effect, version) {
        case ("stall", _): #expect(spoilt == (28, "000"))
        // curl takes a head that ends in its middle for a whole one.
        case ("half", "--http1.1"): #expect(spoilt == (0, "204"))
        // Without an answer, curl has HTTP/0.9 to complain of.
        case ("raw", "--http1.1"): #expect(spoilt == (1, "000"))
        default:
            #expect(spoilt.code != 0 && spoilt.code != 28, "\(spoilt)")
            #expect(spoilt.status == "000")
        }
        // It was done all the same, and the next call is good.
        #expect(try await sandbox.effective() == 2)
        #expect(try await sandbox.createToken(options, token: token) == (0, "204"))
    }

    @Test("half an answer with a body is its head and half of the body", arguments: ["--http1.1", "--http2"])
    func halfOfBody(version: String) async throws {
        let sandbox = try await Secure.start()
        let fault =
            #"{"operation": "other", "effect": "half", "status": 502, "body": "0123456789", "headers": {"Connection": "x"}}"#
        try await Deployment.inject(fault, at: sandbox.url, options: sandbox.trust)
        let (output, code) = try await run("curl", [version, "-s", "-w", "|%{http_code}", sandbox.url] + sandbox.trust)
        #expect(output == "01234|502")
        #expect(code != 0)
    }

    @Test(
        "an answer that HTTP/2 cannot carry as it stands is adapted, or ends the connection and counts as broken",
        arguments: [
            (#""status": 204, "body": "hello""#, "|204", true),
            (#""status": 304, "body": "hello""#, "|304", true),
            (
                #""status": 200, "body": "hello", "headers": {"TE": "gzip", "Transfer-Encoding": "chunked"}"#,
                "hello|200", true
            ),
            (#""status": 200, "body": "hello", "headers": {"Content-Length": "5"}"#, "hello|200", true),
            (#""status": 200, "body": "hello", "headers": {"Content-Length": "99"}"#, "|000", false),
        ]
    )
    func adaptation(fault: String, expected: String, isWhole: Bool) async throws {
        let sandbox = try await Secure.start()
        try await Deployment.inject(
            #"{"operation": "other", "effect": "answer", \#(fault)}"#,
            at: sandbox.url,
            options: sandbox.trust
        )
        let (output, code) = try await run("curl", ["-s", "-w", "|%{http_code}", sandbox.url] + sandbox.trust)
        #expect(output == expected)
        #expect((code == 0) == isWhole)
        let counters = try await curl(sandbox.trust + [sandbox.url + "/_sandbox/counters"]).json["other"]
        #expect((counters as? [String: Any])?["broken"] as? Int == (isWhole ? 0 : 1))
    }

    @Test("a reset is one: nothing of TLS says goodbye", arguments: ["--http1.1", "--http2"])
    func reset(version: String) async throws {
        let sandbox = try await Secure.start()
        try await Deployment.inject(
            #"{"operation": "other", "effect": "reset"}"#,
            at: sandbox.url,
            options: sandbox.trust
        )
        let (output, code) = try await run(
            "sh",
            ["-c", #"curl "$@" 2>&1"#, "sh", version, "-sS", sandbox.url] + sandbox.trust
        )
        #expect(code != 0)
        #expect(output.localizedCaseInsensitiveContains("reset by peer"), "\(output)")
    }

    @Test("a gateway mints over https, and an answer that is lost on HTTP/2 is read back")
    func gateway() async throws {
        let deployment = try await Deployment.start(secure: true)
        #expect(deployment.sandboxURL.hasPrefix("https:"))
        #expect(try await deployment.mint().status == 201)
        for effect in ["close", "reset", "half", "raw", "answer"] {
            let extra = ["raw": #", "text": "nonsense""#, "answer": #", "status": 503"#][effect] ?? ""
            try await deployment.inject(
                #"{"operation": "createToken", "at": "after-acting", "effect": "\#(effect)"\#(extra)}"#
            )
            let before = try await deployment.arrived("createToken")
            #expect(try await deployment.mint(Deployment.deviceOwnerProfile, query: "?kind=device-owner").status == 201)
            #expect(try await deployment.arrived("createToken") == before + 1, "\(effect)")
        }
    }

    @Test("a sandbox that starts anew, with a new authority, is trusted without a restart of the gateway")
    func newAuthority() async throws {
        let first = try await Secure.start()
        let port = first.port
        let gateway = try Program(
            "enrollment-gateway",
            ["serve"],
            environment: [
                "HTTP_PORT": "0", "MANAGEMENT_PORT": "0", "API_KEY": Deployment.key,
                "AZURE_TENANT_ID": "11111111-1111-4111-8111-111111111111",
                "AZURE_CLIENT_ID": "22222222-2222-4222-8222-222222222222", "AZURE_CLIENT_SECRET": "sandbox-only-secret",
                "AZURE_AUTHORITY_HOST": first.url, "GRAPH_BASE_URL": first.url + "/beta",
                "UPSTREAM_CA_PATH": first.folder.path + "/ca.pem",
                "LEDGER_URL": "sqlite:" + first.folder.path("ledger.sqlite"),
            ]
        )
        let http = try await gateway.logLine("Serving callers")["http.port"] ?? ""
        let call = [
            "-X", "POST", "http://127.0.0.1:\(http)/profiles/\(Deployment.profile)/token", "-H",
            "X-API-Key: \(Deployment.key)",
        ]
        #expect(try await curl(call).status == 201)
        let authority = try first.folder.read("ca.pem")
        first.program.terminate()
        #expect(try await first.program.exitCode() == 0)
        let second = try Program("graph-sandbox", ["--port", port, "--tls-directory", first.folder.path])
        _ = try await second.sandboxURL()
        #expect(try first.folder.read("ca.pem") != authority)
        // Its access tokens are signed by another key: the first 401 makes the gateway ask for a new one.
        #expect(try await curl(call).status == 201)
    }
}
