import Testing

/// A caller never sees the gateway's troubles as his own: 401 and 403 are about his key alone.
@Suite("Who must act, end to end", .timeLimit(.minutes(5)))
struct BlameTests {
    @Test("a wrong key is 401")
    func wrongKey() async throws {
        let deployment = try await Deployment.start()
        let answer = try await deployment.mint(key: "not-the-right-key-000")
        #expect(answer.status == 401)
        #expect(answer["code"] == "api-key-invalid")
        #expect(answer.fields["www-authenticate"]?.isEmpty == false)
        #expect(try await deployment.arrived("createToken") == 0)
    }

    @Test("a wrong client secret is 502 credential-refused, and Entra is not hammered")
    func wrongSecret() async throws {
        let deployment = try await Deployment.start { sandboxURL in
            _ = try await curl(["-X", "POST", sandboxURL + "/_sandbox/tenant", "-d", #"{"clientSecret": "another"}"#])
        }
        for _ in 0..<5 {
            let answer = try await deployment.mint()
            #expect(answer.status == 502)
            #expect(answer["code"] == "credential-refused")
            #expect(answer["outcome"] == "not-created")
        }
        #expect(try await deployment.arrived("token") == 1)
        #expect(try await deployment.arrived("createToken") == 0)
        let port = try await deployment.gateway.logLine("Serving management")["management.port"] ?? ""
        let readiness = try await curl(["http://127.0.0.1:\(port)/readyz"])
        #expect(readiness.status == 503)
        #expect(readiness.body.contains("secret-wrong"))
        #expect(try await curl(["http://127.0.0.1:\(port)/livez"]).status == 200)
    }

    @Test("Entra that is down is 503 with Retry-After")
    func entraDown() async throws {
        let deployment = try await Deployment.start(settings: ["STARTUP_LIMIT": "0s"]) { sandboxURL in
            try await Deployment.inject(
                #"{"operation": "token", "effect": "reset", "at": "before-reading", "untilReset": true}"#,
                at: sandboxURL
            )
        }
        let answer = try await deployment.mint()
        #expect(answer.status == 503)
        #expect(answer["code"] == "credential-unavailable")
        #expect(answer.fields["retry-after"].flatMap { Int($0) }.map { $0 > 0 } == true)
    }

    @Test("Graph's 403 is 502 graph-forbidden, with Graph's ids")
    func forbidden() async throws {
        let deployment = try await Deployment.start()
        _ = try await curl([
            "-X", "POST", deployment.sandboxURL + "/_sandbox/tenant",
            "-d", #"{"roles": ["DeviceManagementConfiguration.Read.All"]}"#,
        ])
        // The roles are those of the token that the gateway already has; a new one follows the 403.
        try await deployment.inject(#"{"operation": "createToken", "effect": "answer", "status": 403}"#)
        #expect(try await deployment.mint()["code"] == "graph-forbidden")
        let answer = try await deployment.gateway.waitFor("a fresh token") {
            $0.log.filter { $0["message"] == "access token obtained" }.count > 1 ? true : nil
        }
        #expect(answer)
        let refused = try await deployment.mint()
        #expect(refused.status == 502)
        #expect(refused["code"] == "graph-forbidden")
        let graph = refused.json["graph"] as? [String: Any]
        #expect(graph?["requestId"] is String)
        #expect(!refused.body.contains("manage.microsoft.com"))
    }

    @Test("a Graph that cannot be reached is 502 graph-unreachable")
    func unreachable() async throws {
        let deployment = try await Deployment.start(settings: ["GRAPH_BASE_URL": "http://127.0.0.1:9/beta"])
        let answer = try await deployment.mint()
        #expect(answer.status == 502)
        #expect(answer["code"] == "graph-unreachable" || answer["code"] == "credential-refused")
    }

    @Test(
        "what Graph answers becomes what the table says",
        arguments: [
            (400, 422, "graph-refused"), (404, 404, "profile-not-found"), (409, 409, "conflict"),
            (412, 409, "conflict"),
            (422, 422, "graph-refused"), (418, 502, "graph-failed"), (302, 502, "graph-failed"),
        ]
    )
    func table(graph: Int, status: Int, code: String) async throws {
        let deployment = try await Deployment.start()
        try await deployment.inject(#"{"operation": "createToken", "effect": "answer", "status": \#(graph)}"#)
        let answer = try await deployment.mint()
        #expect(answer.status == status)
        #expect(answer["code"] == code)
        #expect(answer["outcome"] == "not-created")
        #expect(try await deployment.arrived("createToken") == 1)
    }
}
