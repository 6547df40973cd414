import JWTKit
import NIOCore
import Settings
import Testing

@testable import Sandbox

@Suite("The sandbox's Entra", .timeLimit(.minutes(5)))
struct EntraTests {
    @Test("an access token is a JWT that the published keys verify, with the claims of an app")
    func accessToken() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.askToken(fields: [
                ("client-request-id", "3F2504E0-4F89-41D3-9A0C-0305E82C3301")
            ])
            #expect(answer.status == 200)
            #expect(answer.field("Content-Type") == "application/json; charset=utf-8")
            #expect(answer.field("Cache-Control") == "no-store, no-cache")
            #expect(answer.field("client-request-id") == "3F2504E0-4F89-41D3-9A0C-0305E82C3301")
            #expect(answer.json["token_type"] == "Bearer")
            #expect(answer.json["expires_in"] == 3599)
            #expect(answer.json["ext_expires_in"] == 3599)
            guard case .string(let token) = answer.json["access_token"] else {
                Issue.record("no token")
                return
            }

            let tenant = SandboxConfiguration.defaultTenantID
            let discovery = try await client.send("GET", "/\(tenant)/v2.0/.well-known/openid-configuration")
            #expect(
                discovery.json["token_endpoint"] == .string("\(client.address.baseURL)/\(tenant)/oauth2/v2.0/token")
            )
            #expect(discovery.json["jwks_uri"] == .string("\(client.address.baseURL)/\(tenant)/discovery/v2.0/keys"))
            let keys = try await client.send("GET", "/\(tenant)/discovery/v2.0/keys")
            let verifier = try await JWTKeyCollection().add(jwksJSON: keys.body)
            let claims = try await verifier.verify(token, as: AccessTokenClaims.self)

            let now = client.store.now.secondsSince1970
            #expect(claims.aud == client.address.baseURL)
            #expect(claims.appid == SandboxConfiguration.defaultClientID)
            #expect(claims.tid == tenant)
            #expect(claims.iss == "https://sts.windows.net/\(tenant)/")
            #expect(claims.roles == ["DeviceManagementConfiguration.ReadWrite.All"])
            #expect(claims.ver == "1.0")
            #expect(claims.nbf <= now)
            #expect((now + 3500...now + 3600).contains(claims.exp))
            #expect(client.store.counters[.token].effective == 1)
        }
    }

    @Test("a client secret is accepted in HTTP Basic, form-encoded, however odd its characters")
    func basic() async throws {
        var configuration = SandboxConfiguration()
        configuration.clientSecret = Secret("a+b/c=d~e:f g%")
        try await SandboxClient.withSandbox(configuration) { client in
            let pair = "\(SandboxConfiguration.defaultClientID):\(SandboxClient.encoded("a+b/c=d~e:f g%"))"
            let credentials = Base64.standard(Array(pair.utf8))
            let answer = try await client.askToken(
                ["client_id": nil, "client_secret": nil],
                fields: [("Authorization", "Basic \(credentials)")]
            )
            #expect(answer.status == 200)
            #expect(try await client.askToken(["client_secret": "a+b/c=d~e:f g%"]).status == 200)
        }
    }

    @Test("Microsoft's own scope is accepted, and is then the audience")
    func microsoftScope() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken(["scope": "https://graph.microsoft.com/.default"])
            let issuer = await AccessTokenIssuer(key: try SigningKey.ofThisProcess.get())
            #expect(try await issuer.claims(of: token).aud == "https://graph.microsoft.com")
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
        }
    }

    struct Refusal: Sendable {
        var changes: [String: String?]
        var tenant = SandboxConfiguration.defaultTenantID
        var status = 400
        var error: String
        var code: Int64
    }

    @Test(
        "what is wrong is refused with Entra's status, error and number",
        arguments: [
            Refusal(changes: ["client_secret": "wrong"], status: 401, error: "invalid_client", code: 7_000_215),
            Refusal(changes: ["client_secret": nil], status: 401, error: "invalid_client", code: 7_000_218),
            Refusal(
                changes: ["client_secret": nil, "client_assertion": "a.b.c"],
                error: "invalid_request",
                code: 900144
            ),
            Refusal(
                changes: ["client_secret": nil, "client_assertion": "a.b.c", "client_assertion_type": "saml"],
                error: "invalid_request",
                code: 90023
            ),
            Refusal(
                changes: [
                    "client_assertion": "a.b.c", "client_assertion_type": ClientAuthentication.assertionType,
                ],
                error: "invalid_request",
                code: 90023
            ),
            Refusal(
                changes: [
                    "client_secret": nil, "client_assertion": "a.b.c",
                    "client_assertion_type": ClientAuthentication.assertionType,
                ],
                error: "invalid_request",
                code: 50027
            ),
            Refusal(
                changes: ["client_id": "99999999-2222-4222-8222-222222222222"],
                error: "unauthorized_client",
                code: 700016
            ),
            Refusal(
                changes: [:],
                tenant: "99999999-1111-4111-8111-111111111111",
                error: "invalid_request",
                code: 90002
            ),
            Refusal(changes: [:], tenant: "common", error: "invalid_request", code: 9_001_023),
            Refusal(changes: ["scope": "nonsense"], error: "invalid_scope", code: 70011),
            Refusal(changes: ["scope": "https://a/.default https://b/.default"], error: "invalid_scope", code: 70011),
            Refusal(
                changes: ["scope": "https://graph.microsoft.com/User.Read"],
                error: "invalid_scope",
                code: 1_002_012
            ),
            Refusal(changes: ["scope": "https://example.com/.default"], error: "invalid_resource", code: 500011),
            Refusal(changes: ["scope": nil], error: "invalid_request", code: 900144),
            Refusal(changes: ["client_id": nil], error: "invalid_request", code: 900144),
            Refusal(changes: ["grant_type": nil], error: "invalid_request", code: 900144),
            Refusal(changes: ["grant_type": "password"], error: "unsupported_grant_type", code: 70003),
        ]
    )
    func refusals(_ refusal: Refusal) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.askToken(tenant: refusal.tenant, refusal.changes)
            #expect(answer.status == refusal.status)
            #expect(answer.json["error"] == .string(refusal.error))
            #expect(answer.json["error_codes"] == .array([.integer(refusal.code)]))
            guard case .string(let trace) = answer.json["trace_id"],
                case .string(let correlation) = answer.json["correlation_id"],
                case .string(let timestamp) = answer.json["timestamp"],
                case .string(let description) = answer.json["error_description"]
            else {
                Issue.record("not Entra's shape: \(answer.body)")
                return
            }
            #expect(description.hasPrefix("AADSTS\(refusal.code): "))
            #expect(
                description.hasSuffix(
                    "\r\nTrace ID: \(trace)\r\nCorrelation ID: \(correlation)\r\nTimestamp: \(timestamp)"
                )
            )
            #expect(timestamp.wholeMatch(of: /\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ/) != nil)
            #expect(answer.json["error_uri"] == .string("\(client.address.baseURL)/error?code=\(refusal.code)"))
            #expect(client.store.counters[.token].effective == 0)
            #expect(client.store.counters[.token].arrived == 1)
        }
    }

    @Test("a GET of the token endpoint is refused")
    func wrongMethod() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.send("GET", "/\(SandboxConfiguration.defaultTenantID)/oauth2/v2.0/token")
            #expect(answer.status == 400)
            #expect(answer.json["error_codes"] == [900561])
        }
    }

    @Test("without a consented role the token has no roles, and is issued all the same")
    func noRoles() async throws {
        var configuration = SandboxConfiguration()
        configuration.roles = []
        try await SandboxClient.withSandbox(configuration) { client in
            let token = try await client.accessToken()
            let issuer = await AccessTokenIssuer(key: try SigningKey.ofThisProcess.get())
            #expect(try await issuer.claims(of: token).roles == nil)
        }
    }
}
