import NIOCore
import Settings
import Testing

@testable import Sandbox

@Suite("Secrets that end and access tokens' lives in the sandbox", .timeLimit(.minutes(5)))
struct AccessTokenLifeTests {
    @Test("several secrets are good side by side, each until its end, and an ended one is 7000222")
    func secrets() async throws {
        try await SandboxClient.withSandbox { client in
            let secrets = #"""
                {"clientSecrets": [{"value": "old", "expiresInSeconds": 600}, {"value": "new"},
                    {"value": "older", "expiresAt": "2020-01-31T00:00:00Z"}]}
                """#
            let changed = try await client.control("POST", "tenant", secrets)
            #expect(changed.status == 200)
            #expect(!changed.text.contains("old"))
            func code(_ secret: String) async throws -> JSONValue? {
                try await client.askToken(["client_secret": secret]).json["error_codes"]
            }
            #expect(try await code("old") == nil)
            #expect(try await code("new") == nil)
            #expect(try await code("older") == [7_000_222])
            #expect(try await code(SandboxConfiguration.defaultClientSecret) == [7_000_215])
            client.store.advanceClock(bySeconds: 600)
            #expect(try await code("old") == [7_000_222])
            #expect(try await code("new") == nil)
            let answer = try await client.askToken(["client_secret": "old"])
            #expect(answer.status == 401)
            #expect(answer.json["error"] == "invalid_client")
        }
    }

    @Test("a secret that is there twice is good while one of them is")
    func twice() async throws {
        try await SandboxClient.withSandbox { client in
            let now = client.store.now
            client.store.updateTenant {
                $0.clientSecrets = [
                    SandboxClientSecret(Secret("same"), expiresAt: now),
                    SandboxClientSecret(Secret("same")),
                ]
            }
            let answer = try await client.askToken(["client_secret": "same"])
            #expect(answer.status == 200)
        }
    }

    @Test("an app without secrets takes none")
    func none() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control("POST", "tenant", #"{"clientSecrets": []}"#)
            #expect(try await client.askToken().json["error_codes"] == [7_000_215])
        }
    }

    @Test("a token of a few seconds ends when they are over")
    func shortLife() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control("POST", "tenant", #"{"accessTokenLifetimeSeconds": 1000}"#)
            let answer = try await client.askToken()
            #expect(answer.json["expires_in"] == 999)
            #expect(answer.json["refresh_in"] == nil)
            let token = try #require(answer.json.text(of: "access_token"))
            client.store.advanceClock(bySeconds: 900)
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            client.store.advanceClock(bySeconds: 100)
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 401)

            try await client.control("POST", "tenant", #"{"accessTokenLifetimeSeconds": 1}"#)
            #expect(try await client.askToken().json["expires_in"] == 1)
        }
    }

    @Test("refresh_in is told while it is set")
    func refreshIn() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control("POST", "tenant", #"{"refreshInSeconds": 1800}"#)
            #expect(try await client.askToken().json["refresh_in"] == 1800)
            try await client.control("POST", "tenant", #"{"roles": []}"#)
            #expect(try await client.askToken().json["refresh_in"] == 1800)
            try await client.control("POST", "tenant", #"{"refreshInSeconds": null}"#)
            #expect(try await client.askToken().json["refresh_in"] == nil)
        }
    }
}
