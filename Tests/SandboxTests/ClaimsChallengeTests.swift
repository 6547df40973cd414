import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's claims challenges", .timeLimit(.minutes(5)))
struct ClaimsChallengeTests {
    private static let capability = #"{"access_token": {"xms_cc": {"values": ["cp1"]}}}"#

    /// The claims of the challenge that a request to Graph meets; nil when it meets none.
    private static func challenge(_ answer: HTTPConversation) -> JSONValue? {
        guard let field = answer.field("WWW-Authenticate"),
            let match = field.firstMatch(of: /error="insufficient_claims", claims="([^"]+)"/),
            let bytes = Base64.decoded(match.output.1)
        else { return nil }
        return JSONValue(parsing: ByteBuffer(bytes: bytes))
    }

    private static func list(_ client: SandboxClient, _ token: String) async throws -> HTTPConversation {
        try await client.graph("GET", SandboxClient.forWork, token: token)
    }

    @Test("a client that says that it answers challenges has that in its token; another has not")
    func capabilities() async throws {
        try await SandboxClient.withSandbox { client in
            let able = try await client.accessToken(["claims": Self.capability])
            #expect(CompactJWS(able)?.claims["xms_cc"] == ["cp1"])
            let plain = try #require(try await CompactJWS(client.accessToken()))
            #expect(plain.claims["xms_cc"] == nil)
            #expect(try await client.askToken(["claims": "cp1"]).json["error_codes"] == [9_002_313])
        }
    }

    @Test("after a revocation only a token that was asked for with the challenge's claims is good")
    func revocation() async throws {
        try await SandboxClient.withSandbox { client in
            let before = try await client.accessToken(["claims": Self.capability])
            #expect(try await Self.list(client, before).status == 200)
            #expect(try await client.control("POST", "tenant", #"{"revokeTokens": true}"#).status == 200)
            let revoked = try #require(client.store.tenant.revocation).moment.secondsSince1970

            let refused = try await Self.list(client, before)
            #expect(refused.status == 401)
            #expect(refused.json["error"]?["code"] == "InvalidAuthenticationToken")
            let field = try #require(refused.field("WWW-Authenticate"))
            #expect(field.hasPrefix(#"Bearer realm="", authorization_uri="\#(client.address.baseURL)/"#))
            let claims = try #require(Self.challenge(refused))
            #expect(claims.text == #"{"access_token":{"nbf":{"essential":true,"value":"\#(revoked)"}}}"#)

            // Renewed as before: the challenge is still open.
            let careless = try await client.accessToken(["claims": Self.capability])
            #expect(try await Self.challenge(Self.list(client, careless)) == claims)

            let merged =
                #"{"access_token": {"xms_cc": {"values": ["cp1"]}, "nbf": {"essential": true, "value": "\#(revoked)"}}}"#
            let after = try await client.accessToken(["claims": merged])
            let issued = try #require(CompactJWS(after)).claims
            #expect(issued["xms_cc"] == ["cp1"])
            #expect(issued.seconds(of: "nbf").map { $0 >= revoked } == true)
            #expect(try await Self.list(client, after).status == 200)
            #expect(try await Self.challenge(Self.list(client, before)) == claims)
        }
    }

    @Test("claims of an earlier challenge do not answer a later one")
    func earlierClaims() async throws {
        try await SandboxClient.withSandbox { client in
            let claims = #"{"access_token": {"xms_cc": {"values": ["cp1"]}, "nbf": {"value": "1000"}}}"#
            client.store.revokeTokens()
            let token = try await client.accessToken(["claims": claims])
            #expect(try await Self.list(client, token).status == 401)
            client.store.restoreTokens()
            #expect(try await Self.list(client, token).status == 200)
        }
    }

    @Test("a client that answers no challenges gets a bare 401, and is served again with a new token")
    func plainClient() async throws {
        try await SandboxClient.withSandbox { client in
            let before = try await client.accessToken()
            client.store.revokeTokens()
            let refused = try await Self.list(client, before)
            #expect(refused.status == 401)
            #expect(refused.json["error"]?["code"] == "InvalidAuthenticationToken")
            #expect(refused.field("WWW-Authenticate")?.contains("claims") == false)
            #expect(try await Self.list(client, client.accessToken()).status == 200)
        }
    }

    @Test("no claims answer a challenge for the place from which the app comes")
    func location() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control("POST", "tenant", #"{"blockLocation": true}"#)
            var claims = Self.capability
            for _ in 0..<3 {
                let refused = try await Self.list(client, client.accessToken(["claims": claims]))
                #expect(refused.status == 401)
                let challenge = try #require(Self.challenge(refused))
                #expect(challenge["access_token"]?["xms_rp_ipaddr"]?["value"] == "192.0.2.1")
                let begin = try #require(challenge["access_token"]?["nbf"]?.text(of: "value"))
                claims = #"{"access_token": {"xms_cc": {"values": ["cp1"]}, "nbf": {"value": "\#(begin)"}}}"#
            }
            let plain = try await Self.list(client, client.accessToken())
            #expect(plain.status == 401)
            #expect(Self.challenge(plain) == nil)
            try await client.control("POST", "tenant", #"{"blockLocation": false}"#)
            #expect(try await Self.list(client, client.accessToken()).status == 200)
        }
    }

    @Test("a reset forgets revocations and lives")
    func reset() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let change = #"{"revokeTokens": true, "blockLocation": true, "refreshInSeconds": 5}"#
            let changed = try await client.control("POST", "tenant", change)
            #expect(changed.json["locationBlocked"] == true)
            #expect(changed.json.text(of: "tokensRevokedAt") != nil)
            client.sandbox.reset()
            #expect(try await Self.list(client, token).status == 200)
            #expect(try await client.askToken().json["refresh_in"] == nil)
        }
    }
}
