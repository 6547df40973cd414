import JWTKit
import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's federated tokens", .timeLimit(.minutes(5)))
struct FederatedTokenTests {
    private static func expect(_ answer: HTTPConversation, _ code: Int64) {
        #expect(answer.status == 401)
        #expect(answer.json["error"] == "invalid_client")
        #expect(answer.json["error_codes"] == [.integer(code)])
    }

    @Test("a token of the sandbox's own issuer gets an access token that Graph takes")
    func good() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.askToken(assertion: client.sandbox.federatedToken())
            #expect(answer.status == 200)
            let token = try #require(answer.json.text(of: "access_token"))
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
        }
    }

    @Test("the control endpoint issues one, with a subject, an audience and a life of one's own")
    func control() async throws {
        try await SandboxClient.withSandbox { client in
            let usual = try #require(try await client.control("POST", "federated-token").json.text(of: "token"))
            #expect(try await client.askToken(assertion: usual).status == 200)

            let wanted = #"{"subject": "somebody", "audience": "something", "lifetimeSeconds": 60}"#
            let own = try #require(try await client.control("POST", "federated-token", wanted).json.text(of: "token"))
            let claims = try #require(CompactJWS(own)).claims
            #expect(claims["iss"] == .string("\(client.address.baseURL)/_sandbox/issuer"))
            #expect(claims["sub"] == "somebody")
            #expect(claims["aud"] == ["something"])
            let left = try #require(claims.seconds(of: "exp")) - client.store.now.secondsSince1970
            #expect((40...60).contains(left))
        }
    }

    private struct Payload: JWTPayload {
        var sub: String
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    @Test("who follows its discovery finds the key that verifies its tokens")
    func discovery() async throws {
        try await SandboxClient.withSandbox { client in
            let issuer = "\(client.address.baseURL)/_sandbox/issuer"
            let discovery = try await client.control("GET", "issuer/.well-known/openid-configuration").json
            #expect(discovery["issuer"] == .string(issuer))
            #expect(discovery["jwks_uri"] == .string("\(issuer)/keys"))
            let keys = try await client.control("GET", "issuer/keys").body
            let verifier = try await JWTKeyCollection().add(jwksJSON: keys)
            let token = try await client.sandbox.federatedToken()
            let payload = try await verifier.verify(token, as: Payload.self)
            #expect(payload.sub == "system:serviceaccount:enrollment:gateway")
            // Entra's own keys are others.
            let entra = try await client.send("GET", "/\(SandboxConfiguration.defaultTenantID)/discovery/keys").body
            let stranger = try await JWTKeyCollection().add(jwksJSON: entra)
            await #expect(throws: (any Error).self) { try await stranger.verify(token, as: Payload.self) }
        }
    }

    @Test(
        "a subject, an audience or an issuer that the app does not trust is refused with its number",
        arguments: [
            (#"{"subject": "system:serviceaccount:enrollment:Gateway"}"#, "{}", Int64(700213)),
            (#"{"audience": "api://azureadtokenexchange"}"#, "{}", 700212),
            ("{}", #"{"federatedCredentials": [{"issuer": "https://oidc.example.com/1"}]}"#, 700211),
            ("{}", #"{"federatedCredentials": [{"subject": "somebody"}]}"#, 700213),
            ("{}", #"{"federatedCredentials": [{"audience": "something"}]}"#, 700212),
            ("{}", #"{"federatedCredentials": []}"#, 700211), (#"{"lifetimeSeconds": -400}"#, "{}", 700024),
        ]
    )
    func refusals(_ wanted: String, _ trusted: String, _ code: Int64) async throws {
        try await SandboxClient.withSandbox { client in
            #expect(try await client.control("POST", "tenant", trusted).status == 200)
            let token = try await client.control("POST", "federated-token", wanted).json.text(of: "token")
            Self.expect(try await client.askToken(assertion: #require(token)), code)
        }
    }

    @Test("several credentials may be trusted side by side")
    func several() async throws {
        try await SandboxClient.withSandbox { client in
            client.store.updateTenant {
                $0.federatedCredentials = [
                    FederatedCredential(issuer: "https://oidc.example.com/1"),
                    FederatedCredential(subject: "one"), FederatedCredential(subject: "two"),
                ]
            }
            for subject in ["one", "two"] {
                let token = try await client.sandbox.federatedToken(subject: subject)
                #expect(try await client.askToken(assertion: token).status == 200)
            }
            Self.expect(try await client.askToken(assertion: client.sandbox.federatedToken()), 700213)
        }
    }

    @Test("it is out of time five minutes after its end")
    func expired() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.sandbox.federatedToken(lifetime: 600)
            client.store.advanceClock(bySeconds: 800)
            #expect(try await client.askToken(assertion: token).status == 200)
            client.store.advanceClock(bySeconds: 200)
            Self.expect(try await client.askToken(assertion: token), 700024)
        }
    }

    private struct Claims: JWTPayload {
        var iss: String
        var sub = FederatedCredential.defaultSubject
        var aud = FederatedCredential.defaultAudience
        var exp: Int64
        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    @Test("a token that another key signed is 700027")
    func badSignature() async throws {
        try await SandboxClient.withSandbox { client in
            let claims = Claims(
                iss: "\(client.address.baseURL)/_sandbox/issuer",
                exp: client.store.now.secondsSince1970 + 600
            )
            let stranger = try SigningKey.ofThisProcess.get().privateKey
            let keys = await JWTKeyCollection().add(rsa: stranger, digestAlgorithm: .sha256)
            Self.expect(try await client.askToken(assertion: keys.sign(claims)), 700027)
            // The issuer's own key, but not the signature that other issuers may use.
            let own = try FederatedIssuer.key.get().privateKey
            let pss = await JWTKeyCollection().add(pss: own, digestAlgorithm: .sha256)
            let answer = try await client.askToken(assertion: pss.sign(claims))
            #expect(answer.json["error_codes"] == [5_002_730])
        }
    }

    @Test("nobody asks a trusted issuer elsewhere for its keys")
    func elsewhere() async throws {
        try await SandboxClient.withSandbox { client in
            client.store.updateTenant {
                $0.federatedCredentials = [FederatedCredential(issuer: "https://oidc.example.com/1")]
            }
            let claims = Claims(iss: "https://oidc.example.com/1", exp: client.store.now.secondsSince1970 + 600)
            let keys = try await JWTKeyCollection().add(
                rsa: SigningKey.ofThisProcess.get().privateKey,
                digestAlgorithm: .sha256
            )
            let answer = try await client.askToken(assertion: keys.sign(claims))
            #expect(answer.status == 400)
            #expect(answer.json["error_codes"] == [50166])
        }
    }
}
