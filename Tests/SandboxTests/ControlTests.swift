import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's control endpoint", .timeLimit(.minutes(5)))
struct ControlTests {
    @Test("counters tell arrivals, effects and statuses of every operation, in one order")
    func counters() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            _ = try await client.createToken(validity: "0", token: token)
            client.store.inject(SandboxFault(.get, .end(.close)))
            _ = try await client.graph("GET", "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)", token: token)
            try await eventually { client.store.counters[.get].broken == 1 }
            let none = "\"broken\":0,\"byStatus\":{}"
            #expect(
                try await client.control("GET", "counters").body
                    == """
                    {"token":{"arrived":1,"effective":1,"completed":1,"broken":0,"byStatus":{"200":1}},\
                    "managedIdentity":{"arrived":0,"effective":0,"completed":0,\(none)},\
                    "list":{"arrived":0,"effective":0,"completed":0,\(none)},\
                    "get":{"arrived":1,"effective":0,"completed":0,"broken":1,"byStatus":{}},\
                    "createToken":{"arrived":2,"effective":1,"completed":2,"broken":0,"byStatus":{"204":1,"400":1}},\
                    "revokeToken":{"arrived":0,"effective":0,"completed":0,\(none)},\
                    "other":{"arrived":0,"effective":0,"completed":0,\(none)}}
                    """
            )
        }
    }

    @Test("profiles are shown whole, with their tokens")
    func profiles() async throws {
        try await SandboxClient.withSandbox { client in
            _ = try await client.createToken(token: try await client.accessToken())
            guard case .array(let profiles) = try await client.control("GET", "profiles").json["profiles"] else {
                Issue.record("no profiles")
                return
            }
            #expect(profiles.count == 6)
            let state = try #require(client.store.profile(SandboxClient.forWorkID))
            #expect(profiles[0]["id"] == .string(SandboxClient.forWorkID))
            #expect(profiles[0]["kind"] == "android-for-work")
            #expect(profiles[0]["tokensCreated"] == 1)
            #expect(profiles[0]["tokenValue"] == JSONValue(state.tokenValue))
            #expect(profiles[0]["tokenCreationDateTime"] == .string(state.tokenCreatedAt.description))
            #expect(profiles[5]["tokenValue"] == .null)
        }
    }

    @Test("the clock goes forwards")
    func clock() async throws {
        try await SandboxClient.withSandbox { client in
            let before = client.store.now
            let answer = try await client.control("POST", "clock", "{\"advanceSeconds\": 3600}")
            #expect(answer.status == 200)
            #expect(client.store.now >= before.advanced(bySeconds: 3600))
            guard case .string(let now) = answer.json["now"] else {
                Issue.record("no time: \(answer.body)")
                return
            }
            #expect(now >= before.advanced(bySeconds: 3600).description)
        }
    }

    @Test("the tenant's secret and roles can be changed, and the secret is never shown")
    func tenant() async throws {
        try await SandboxClient.withSandbox { client in
            let changed = try await client.control(
                "POST",
                "tenant",
                "{\"clientSecret\": \"rotated-secret\", \"roles\": []}"
            )
            #expect(changed.status == 200)
            #expect(changed.json["roles"] == [])
            #expect(!changed.text.contains("rotated-secret"))
            #expect(try await !client.control("GET", "tenant").text.contains("rotated-secret"))
            #expect(try await client.askToken().status == 401)
            let token = try await client.accessToken(["client_secret": "rotated-secret"])
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 403)
        }
    }

    @Test("reset brings everything back to the start")
    func reset() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            try await client.control("POST", "tenant", "{\"clientSecret\": \"rotated\"}")
            try await client.control("POST", "clock", "{\"advanceSeconds\": 86400}")
            client.store.inject(SandboxFault(.list, calls: .untilReset, .end(.close)))
            #expect(try await client.control("POST", "reset").status == 204)
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokenValue == nil)
            #expect(client.store.counters == SandboxCounters())
            #expect(client.store.faults.isEmpty)
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            #expect(try await client.askToken().status == 200)
        }
    }

    @Test("armed faults are shown until they are spent")
    func faults() async throws {
        try await SandboxClient.withSandbox { client in
            let fault = "{\"operation\":\"token\",\"next\":2,\"effect\":\"answer\",\"status\":500,\"body\":\"no\"}"
            let armed = try await client.control("POST", "faults", fault)
            #expect(armed.status == 201)
            let shown = """
                {"operation":"token","next":2,"at":"after-reading","delayMilliseconds":0,"effect":"answer","status":500,\
                "bodyBytes":2}
                """
            #expect(armed.body == shown)
            #expect(try await client.control("GET", "faults").body == "{\"faults\":[\(shown)]}")
            _ = try await client.askToken()
            _ = try await client.askToken()
            #expect(try await client.control("GET", "faults").body == "{\"faults\":[]}")
        }
    }

    @Test(
        "what is not understood is refused with one sentence, and changes nothing",
        arguments: [
            ("faults", "nonsense", "The body is not a JSON object."),
            ("faults", "[]", "The body is not a JSON object."),
            ("faults", "{}", "The fault lacks its \"effect\"."),
            (
                "faults", "{\"effect\":\"explode\",\"operation\":\"get\"}",
                "\"effect\" is one of answer, delay, close, reset, stall, half, raw and stale, not \"explode\"."
            ),
            ("faults", "{\"effect\":\"close\"}", "The fault lacks its \"operation\"."),
            (
                "faults", "{\"effect\":\"close\",\"operation\":\"mint\"}",
                "\"operation\" is one of any, token, managedIdentity, list, get, createToken, revokeToken and other, not \"mint\"."
            ),
            (
                "faults", "{\"effect\":\"close\",\"operation\":\"get\",\"status\":500}",
                "\"status\" is not known here; at, delayMilliseconds, effect, next, nth, operation and untilReset may be given."
            ),
            ("faults", "{\"effect\":\"answer\",\"operation\":\"get\"}", "An answer lacks its \"status\"."),
            ("faults", "{\"effect\":\"answer\",\"operation\":\"get\",\"status\":99}", "\"status\" is in 200...599."),
            (
                "faults", "{\"effect\":\"answer\",\"operation\":\"get\",\"status\":\"500\"}",
                "\"status\" is not an integer."
            ),
            ("faults", "{\"effect\":\"half\",\"operation\":\"get\",\"body\":\"x\"}", "\"body\" needs a \"status\"."),
            ("faults", "{\"effect\":\"delay\",\"operation\":\"get\"}", "A delay lacks its \"delayMilliseconds\"."),
            ("faults", "{\"effect\":\"raw\",\"operation\":\"get\"}", "Raw bytes lack their \"text\"."),
            ("faults", "{\"effect\":\"close\",\"operation\":\"get\",\"nth\":0}", "\"nth\" is at least 1."),
            (
                "faults", "{\"effect\":\"close\",\"operation\":\"get\",\"nth\":1,\"next\":1}",
                "Only one of \"nth\", \"next\" and \"untilReset\" may be given."
            ),
            (
                "faults", "{\"effect\":\"close\",\"operation\":\"get\",\"at\":\"noon\"}",
                "\"at\" is one of before-reading, after-reading and after-acting, not \"noon\"."
            ),
            (
                "faults", "{\"effect\":\"answer\",\"operation\":\"get\",\"status\":200,\"headers\":{\"a b\":\"c\"}}",
                "\"a b\" is not the name of a header field."
            ),
            ("clock", "{\"advanceSeconds\":-1}", "The clock goes forwards only: \"advanceSeconds\" is at least 0."),
            ("clock", "{}", "The body lacks \"advanceSeconds\"."),
            ("clock", "{\"seconds\":1}", "\"seconds\" is not known here; advanceSeconds may be given."),
            (
                "tenant", "{\"clientId\":\"x\"}",
                """
                "clientId" is not known here; accessTokenLifetimeSeconds, blockLocation, certificates, clientSecret, \
                clientSecrets, federatedCredentials, readLagSeconds, refreshInSeconds, revokeTokens and roles may be given.
                """
            ),
            ("tenant", "{\"certificates\":[\"x\"]}", "One of \"certificates\" holds no certificate in PEM."),
            (
                "tenant",
                "{\"certificates\":[\"-----BEGIN CERTIFICATE-----\\nMAA=\\n-----END CERTIFICATE-----\"],\"roles\":[]}",
                "One of \"certificates\" holds a certificate that cannot be read."
            ),
            (
                "federated-token", "{\"issuer\":\"x\"}",
                "\"issuer\" is not known here; audience, lifetimeSeconds and subject may be given."
            ),
            ("federated-token", "{\"lifetimeSeconds\":31536001}", "\"lifetimeSeconds\" is in -31536000...31536000."),
            ("tenant", "{\"federatedCredentials\":[\"x\"]}", "\"federatedCredentials\" is not a list of objects."),
            (
                "tenant", "{\"federatedCredentials\":[{\"name\":\"x\"}]}",
                "\"name\" is not known here; audience, issuer and subject may be given."
            ),
            (
                "tenant", #"{"clientSecret":"x","clientSecrets":[]}"#,
                #"Only one of "clientSecret" and "clientSecrets" may be given."#
            ),
            ("tenant", #"{"clientSecrets":[{"value":""}]}"#, #"One of "clientSecrets" lacks its "value"."#),
            (
                "tenant", #"{"clientSecrets":[{"value":"x","expiresAt":"tomorrow"}]}"#,
                #""expiresAt" is a date such as "2027-01-31T00:00:00Z", not "tomorrow"."#
            ),
            (
                "tenant", #"{"clientSecrets":[{"value":"x","expiresAt":"2027-01-31T00:00:00Z","expiresInSeconds":1}]}"#,
                #"Only one of "expiresAt" and "expiresInSeconds" may be given."#
            ),
            (
                "tenant", #"{"accessTokenLifetimeSeconds":0,"roles":[]}"#,
                #""accessTokenLifetimeSeconds" is in 1...31536000."#
            ),
            ("tenant", #"{"refreshInSeconds":0}"#, #""refreshInSeconds" is in 1...31536000."#),
            ("tenant", #"{"readLagSeconds":-1,"roles":[]}"#, #""readLagSeconds" is in 0...3600."#),
            ("tenant", #"{"readLagSeconds":3601}"#, #""readLagSeconds" is in 0...3600."#),
            ("tenant", #"{"readLagSeconds":0.5}"#, #""readLagSeconds" is not an integer."#),
            ("tenant", #"{"revokeTokens":1}"#, #""revokeTokens" is neither true nor false."#),
            ("tenant", "{\"roles\":[1]}", "\"roles\" is not a list of texts."),
            ("tenant", "{\"clientSecret\":\"\"}", "\"clientSecret\" is empty."),
        ]
    )
    func refusals(_ name: String, _ body: String, _ sentence: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.control("POST", name, body)
            #expect(answer.status == 400)
            #expect(answer.json == ["error": .string(sentence)])
            #expect(client.store.faults.isEmpty)
            #expect(client.store.tenant.roles == [SandboxConfiguration.writeRole])
            #expect(try await client.askToken().status == 200)
        }
    }

    @Test("an unknown name is 404 and a wrong method 405")
    func unknown() async throws {
        try await SandboxClient.withSandbox { client in
            let unknown = try await client.control("GET", "nonsense")
            #expect(unknown.status == 404)
            let wrong = try await client.control("PUT", "faults")
            #expect(wrong.status == 405)
        }
    }
}
