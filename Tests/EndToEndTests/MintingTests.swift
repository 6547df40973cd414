import Foundation
import Testing

@Suite("Minting, end to end", .timeLimit(.minutes(5)))
struct MintingTests {
    @Test(
        "a minted token is the one that the profile shows, and its end is right",
        arguments: ["", "?kind=device-owner"]
    )
    func minted(query: String) async throws {
        let id = query.isEmpty ? Deployment.profile : Deployment.deviceOwnerProfile
        let deployment = try await Deployment.start()
        let answer = try await deployment.mint(id, query: query)
        #expect(answer.status == 201)
        #expect(answer.fields["location"] == "/profiles/\(id)/token" + query)
        #expect(answer.fields["cache-control"] == "no-store")
        #expect(answer["profileId"] == id)
        let shown = try await deployment.profile(id)
        #expect(shown["tokensCreated"] as? Int == 1)
        let told = try #require(answer["expiresAt"].flatMap(Self.date))
        let actual = try #require((shown["tokenExpirationDateTime"] as? String).flatMap(Self.date))
        #expect(abs(told.timeIntervalSince(actual)) <= 1)
        #expect(try await deployment.arrived("createToken") == 1)
    }

    @Test(
        "an answer that is lost after the token was created still ends in 201, with one createToken",
        arguments: ["close", "reset"],
        ["", "?kind=device-owner"]
    )
    func lostAnswer(effect: String, query: String) async throws {
        let id = query.isEmpty ? Deployment.profile : Deployment.deviceOwnerProfile
        let deployment = try await Deployment.start()
        // On a connection that is already in use: there libcurl would send again by itself.
        #expect(try await deployment.mint(id, query: query, validity: 600).status == 201)
        try await deployment.inject(#"{"operation": "createToken", "effect": "\#(effect)", "at": "after-acting"}"#)
        let answer = try await deployment.mint(id, query: query)
        #expect(answer.status == 201)
        let shown = try await deployment.profile(id)
        let actual = try #require((shown["tokenExpirationDateTime"] as? String).flatMap(Self.date))
        let told = try #require(answer["expiresAt"].flatMap(Self.date))
        #expect(abs(told.timeIntervalSince(actual)) <= 1)
        #expect(try await deployment.arrived("createToken") == 2)
        #expect(shown["tokensCreated"] as? Int == 2)
    }

    @Test("done but answered 503 is read back as created")
    func doneButFailed() async throws {
        let deployment = try await Deployment.start()
        try await deployment.inject(
            #"{"operation": "createToken", "effect": "answer", "status": 503, "at": "after-acting"}"#
        )
        #expect(try await deployment.mint().status == 201)
        #expect(try await deployment.arrived("createToken") == 1)
    }

    @Test("an older token of the same validity, seconds old, is not claimed as created", arguments: [true, false])
    func olderToken(mintedByGateway: Bool) async throws {
        // With less time left than two reads of the profile need, nothing is proved.
        let deployment = try await Deployment.start(settings: ["GRAPH_DEADLINE": "2m", "SHUTDOWN_LIMIT": "2m"])
        if mintedByGateway {
            #expect(try await deployment.mint().status == 201)
        } else {
            try await deployment.createTokenDirectly(validity: 3600)
        }
        try await deployment.inject(#"{"operation": "createToken", "effect": "reset", "at": "after-reading"}"#)
        let answer = try await deployment.mint()
        #expect(answer.status == 502)
        #expect(answer["code"] == "graph-failed")
        #expect(answer["outcome"] == "not-created")
        #expect(try await deployment.arrived("createToken") == 2)
    }

    @Test("two hundred first requests at once make one call at the token endpoint")
    func herd() async throws {
        // Nothing else is to be waited for: each has a profile of its own, and nobody counts the writes.
        let count = 200
        let deployment = try await Deployment.start(
            sandboxFlags: ["--extra-profiles", "\(count)", "--write-limit", "off"],
            settings: [
                "GRAPH_WRITE_LIMIT": "off", "STARTUP_LIMIT": "0s", "GRAPH_DEADLINE": "120s", "SHUTDOWN_LIMIT": "130s",
            ]
        ) { sandboxURL in
            try await Deployment.inject(
                #"{"operation": "token", "effect": "delay", "delayMilliseconds": 1500}"#,
                at: sandboxURL
            )
        }
        let config = (1...count).map { number in
            let id = "bbbbbbbb-0000-4000-8000-" + String(format: "%012d", number)
            return """
                url = "\(deployment.tokenURL(id))"
                request = POST
                header = "X-API-Key: \(Deployment.key)"
                output = /dev/null
                write-out = "%{http_code}\\n"
                """
        }.joined(separator: "\nnext\n")
        let (output, _) = try await run("curl", ["-sS", "-Z", "--parallel-max", "200", "-K", "-"], input: config)
        let statuses = output.split(separator: "\n").map(String.init)
        #expect(statuses.count == count)
        #expect(Set(statuses) == ["201"])
        #expect(try await deployment.arrived("token") == 1)
        #expect(try await deployment.arrived("createToken") == count)
    }

    private static func date(_ text: String) -> Date? {
        let whole = text.prefix(19) + "Z"
        return ISO8601DateFormatter().date(from: String(whole))
    }
}

extension Deployment {
    /// What another program with a credential of its own would do.
    func createTokenDirectly(validity: Int) async throws {
        let form = [
            "client_id=\(Deployment.client)", "client_secret=\(Deployment.secret)", "grant_type=client_credentials",
            "scope=https%3A%2F%2Fgraph.microsoft.com%2F.default",
        ].joined(separator: "&")
        let token = try await curl(["\(sandboxURL)/\(Deployment.tenant)/oauth2/v2.0/token", "-d", form])["access_token"]
        let answer = try await curl([
            "\(sandboxURL)/beta/deviceManagement/androidForWorkEnrollmentProfiles/\(Deployment.profile)/createToken",
            "-H", "Authorization: Bearer \(token ?? "")", "-H", "Content-Type: application/json",
            "-d", #"{"tokenValidityInSeconds": \#(validity)}"#,
        ])
        guard answer.status == 204 else { throw Program.Failure(description: answer.body) }
    }
}
