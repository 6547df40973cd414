import NIOCore
import Testing

@testable import Sandbox

@Suite("What the sandbox's Graph refuses", .timeLimit(.minutes(5)))
struct GraphRefusalTests {
    /// The shape that every error has: code, message, and the ids and the time in `innerError`.
    private static func expectShape(_ answer: HTTPConversation, code: String) {
        let error = answer.json["error"]
        #expect(error?["code"] == .string(code))
        #expect(error?["innerError"]?["request-id"] == answer.field("request-id").map(JSONValue.string))
        #expect(error?["innerError"]?["client-request-id"] == answer.field("client-request-id").map(JSONValue.string))
        guard case .string(let date) = error?["innerError"]?["date"] else {
            Issue.record("no date: \(answer.body)")
            return
        }
        #expect(date.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d/) != nil)
        #expect(answer.field("Content-Type") == "application/json")
    }

    /// Intune's own error is a JSON text in `message`.
    private static func expectIntune(_ answer: HTTPConversation, message: String) {
        guard case .string(let text) = answer.json["error"]?["message"],
            let nested = JSONValue(parsing: ByteBuffer(string: text)), case .string(let inner) = nested["Message"]
        else {
            Issue.record("not nested: \(answer.body)")
            return
        }
        #expect(nested["_version"] == 3)
        #expect(inner.hasPrefix("\(message) - Operation ID (for customer support): "))
        #expect(inner.contains("Activity ID: \(answer.field("request-id") ?? "?") - Url: https://fef."))
    }

    @Test("without an access token the answer is 401 with a challenge")
    func noToken() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.send("GET", SandboxClient.forWork)
            #expect(answer.status == 401)
            Self.expectShape(answer, code: "InvalidAuthenticationToken")
            #expect(answer.json["error"]?["message"] == "Access token is empty.")
            #expect(answer.field("WWW-Authenticate")?.hasPrefix("Bearer realm=\"\", authorization_uri=\"") == true)
        }
    }

    @Test("an access token that somebody wrote upon is 401", arguments: ["nonsense", "a.b.c", "tampered", "unsigned"])
    func badToken(_ defect: String) async throws {
        try await SandboxClient.withSandbox { client in
            let parts = try await client.accessToken().split(separator: ".")
            let token =
                switch defect {
                case "tampered": "\(parts[0]).\(parts[1].dropLast(8))AAAAAAAA.\(parts[2])"
                case "unsigned": "\(Base64.url(Array("{\"alg\":\"none\"}".utf8))).\(parts[1])."
                default: defect
                }
            let answer = try await client.graph("GET", SandboxClient.forWork, token: token)
            #expect(answer.status == 401)
            Self.expectShape(answer, code: "InvalidAuthenticationToken")
        }
    }

    @Test("an access token that has run out is 401, by the sandbox's clock")
    func expired() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            client.store.advanceClock(bySeconds: 3500)
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            client.store.advanceClock(bySeconds: 100)
            let answer = try await client.graph("GET", SandboxClient.forWork, token: token)
            #expect(answer.status == 401)
            #expect(answer.json["error"]?["message"] == "Lifetime validation failed, the token is expired.")
        }
    }

    @Test("an access token for another audience, or of another tenant, is 401", arguments: ["audience", "tenant"])
    func otherToken(_ difference: String) async throws {
        try await SandboxClient.withSandbox { client in
            let issuer = await AccessTokenIssuer(key: try SigningKey.ofThisProcess.get())
            var configuration = SandboxConfiguration()
            if difference == "tenant" { configuration.tenantID = "99999999-1111-4111-8111-111111111111" }
            let tenant = SandboxTenant(configuration)
            let token = try await issuer.issue(
                .init(
                    audience: difference == "audience" ? "https://vault.azure.net" : client.address.baseURL,
                    principal: .application(tenant),
                    method: .secret,
                    lifetime: 3600
                ),
                tenant: tenant,
                at: client.store.now
            )
            let answer = try await client.graph("GET", SandboxClient.forWork, token: token)
            #expect(answer.status == 401)
            let message = difference == "audience" ? "Invalid audience." : "Invalid issuer."
            #expect(answer.json["error"]?["message"] == .string("Access token validation failure. \(message)"))
        }
    }

    @Test("a token of another key is 401")
    func otherKey() async throws {
        try await SandboxClient.withSandbox { client in
            let issuer = await AccessTokenIssuer(key: try SigningKey())
            let tenant = client.store.tenant
            let token = try await issuer.issue(
                .init(
                    audience: client.address.baseURL,
                    principal: .application(tenant),
                    method: .secret,
                    lifetime: 3600
                ),
                tenant: tenant,
                at: client.store.now
            )
            let answer = try await client.graph("GET", SandboxClient.forWork, token: token)
            #expect(answer.status == 401)
            #expect(answer.json["error"]?["message"] == "Access token validation failure. Invalid signature.")
        }
    }

    @Test("the role for reading suffices to read, and not to write")
    func readRole() async throws {
        var configuration = SandboxConfiguration()
        configuration.roles = [SandboxConfiguration.readRole]
        try await SandboxClient.withSandbox(configuration) { client in
            let token = try await client.accessToken()
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            let answer = try await client.createToken(token: token)
            #expect(answer.status == 403)
            Self.expectShape(answer, code: "Forbidden")
            Self.expectIntune(
                answer,
                message: """
                    Application is not authorized to perform this operation. Application must have one of the following \
                    scopes: DeviceManagementConfiguration.ReadWrite.All
                    """
            )
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 0)
        }
    }

    @Test("without any role even reading is 403")
    func noRole() async throws {
        var configuration = SandboxConfiguration()
        configuration.roles = []
        try await SandboxClient.withSandbox(configuration) { client in
            let answer = try await client.graph("GET", SandboxClient.forWork, token: client.accessToken())
            #expect(answer.status == 403)
        }
    }

    @Test(
        "an id that is unknown, or of the other collection, is 404",
        arguments: ["99999999-0000-4000-8000-000000000001", SandboxClient.ownerID, "not-a-guid"]
    )
    func notFound(_ id: String) async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            for answer in [
                try await client.graph("GET", "\(SandboxClient.forWork)/\(id)", token: token),
                try await client.createToken("\(SandboxClient.forWork)/\(id)", token: token),
            ] {
                #expect(answer.status == 404)
                Self.expectShape(answer, code: "ResourceNotFound")
                Self.expectIntune(answer, message: "Enrollment profile was not found")
            }
        }
    }

    @Test("a validity below 1 is 400", arguments: ["0", "-1", "-2147483648"])
    func smallValidity(_ validity: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.createToken(validity: validity, token: client.accessToken())
            #expect(answer.status == 400)
            Self.expectShape(answer, code: "BadRequest")
            Self.expectIntune(answer, message: "Token validity must be at least 1 second")
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 0)
        }
    }

    @Test(
        "a validity that is no Int32 is 400",
        arguments: ["2147483648", "1.5", "\"3600\"", "true", "null", "[1]", "1e400"]
    )
    func oddValidity(_ validity: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.createToken(validity: validity, token: client.accessToken())
            #expect(answer.status == 400)
            Self.expectShape(answer, code: "BadRequest")
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokensCreated == 0)
        }
    }

    @Test(
        "a body that is not the action's is 400",
        arguments: ["", "[]", "{\"x\": 1}", "{\"tokenValidityInSeconds\": 60", "{}"]
    )
    func oddBody(_ body: String) async throws {
        try await SandboxClient.withSandbox { client in
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)/createToken"
            let answer = try await client.graph("POST", path, token: client.accessToken(), body: body)
            #expect(answer.status == 400)
            Self.expectShape(answer, code: "BadRequest")
        }
    }

    @Test("the largest validity is taken")
    func largestValidity() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let answer = try await client.createToken(validity: "2147483647", token: token)
            #expect(answer.status == 204)
        }
    }

    @Test(
        "a path, a property or an option that Graph does not know is 400, in its words",
        arguments: [
            ("/beta/deviceManagement/nonsense", "Resource not found for the segment 'nonsense'."),
            ("/beta/users", "Resource not found for the segment 'users'."),
            (
                "/v1.0/deviceManagement/androidForWorkEnrollmentProfiles",
                "Resource not found for the segment 'androidForWorkEnrollmentProfiles'."
            ),
            ("\(SandboxClient.forWork)/x/mintToken", "Resource not found for the segment 'mintToken'."),
            ("/v9/users", "Invalid version: v9"),
            (
                "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)?$select=id,wifiSsid",
                """
                Parsing OData Select and Expand failed: Could not find a property named 'wifiSsid' on type \
                'microsoft.graph.androidForWorkEnrollmentProfile'.
                """
            ),
            (
                "\(SandboxClient.forWork)?$top=-1",
                """
                Invalid value '-1' for $top query option found. The $top query option requires a non-negative integer value.
                """
            ),
            (
                "\(SandboxClient.forWork)?$wish=1",
                "The query specified in the URI is not valid. The query option '$wish' is not supported."
            ),
        ]
    )
    func badRequests(_ path: String, _ message: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.graph("GET", path, token: client.accessToken())
            #expect(answer.status == 400)
            Self.expectShape(answer, code: "BadRequest")
            #expect(answer.json["error"]?["message"] == .string(message))
        }
    }

    @Test("a method that Graph has no use for is 405")
    func wrongMethod() async throws {
        try await SandboxClient.withSandbox { client in
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)/createToken"
            let answer = try await client.graph("GET", path, token: client.accessToken())
            #expect(answer.status == 405)
            Self.expectShape(answer, code: "BadRequest")
        }
    }

    @Test("a body beyond all bounds is 413 and kills nothing")
    func largeBody() async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let body = "{\"tokenValidityInSeconds\": 60" + String(repeating: " ", count: 1_000_000) + "}"
            let path = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)/createToken"
            #expect(try await client.graph("POST", path, token: token, body: body).status == 413)
            #expect(try await client.createToken(token: token).status == 204)
        }
    }
}
