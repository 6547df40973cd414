import NIOCore
import Testing

@testable import Sandbox

@Suite("The sandbox's managed identities", .timeLimit(.minutes(5)))
struct ManagedIdentityTests {
    private static let header = [("X-IDENTITY-HEADER", "sandbox-identity-header")]

    private static func imds(
        _ client: SandboxClient,
        _ query: String = "api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com",
        _ fields: [(String, String)] = [("Metadata", "true")]
    ) async throws -> HTTPConversation {
        try await client.send("GET", "/metadata/identity/oauth2/token?\(query)", fields)
    }

    private static func appService(
        _ client: SandboxClient,
        _ query: String = "api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com",
        _ fields: [(String, String)] = header
    ) async throws -> HTTPConversation {
        try await client.send("GET", "/msi/token?\(query)", fields)
    }

    @Test("IMDS gives the machine a token that Graph takes, with all numbers as texts")
    func instanceMetadata() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await Self.imds(client)
            #expect(answer.status == 200)
            #expect(answer.json["token_type"] == "Bearer")
            #expect(answer.json["expires_in"] == "3599")
            #expect(answer.json["resource"] == "https://graph.microsoft.com")
            #expect(answer.json["client_id"] == .string(ManagedIdentity.systemAssigned.clientID))
            let token = try #require(answer.json.text(of: "access_token"))
            let claims = try #require(CompactJWS(token)).claims
            #expect(answer.json.text(of: "expires_on") == claims.seconds(of: "exp").map(String.init))
            #expect(answer.json.text(of: "not_before") == claims.seconds(of: "nbf").map(String.init))
            #expect(claims["appid"] == .string(ManagedIdentity.systemAssigned.clientID))
            #expect(claims["roles"] == [.string(SandboxConfiguration.writeRole)])
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
            let tally = client.store.counters[.managedIdentity]
            #expect((tally.arrived, tally.effective) == (1, 1))
        }
    }

    @Test("App Service gives the machine a token that Graph takes, and says only when it ends")
    func appService() async throws {
        try await SandboxClient.withSandbox { client in
            let resource = SandboxClient.encoded(client.address.baseURL + "/")
            let answer = try await Self.appService(client, "api-version=2019-08-01&resource=\(resource)")
            #expect(answer.status == 200)
            #expect(answer.json["expires_in"] == nil)
            let end = try #require(answer.json.text(of: "expires_on").flatMap { Int64($0) })
            #expect((3500...3600).contains(end - client.store.now.secondsSince1970))
            let token = try #require(answer.json.text(of: "access_token"))
            #expect(try await client.graph("GET", SandboxClient.forWork, token: token).status == 200)
        }
    }

    @Test(
        "a user-assigned identity is chosen by any of its ids",
        arguments: [
            ("client_id", "client_id", ManagedIdentity.userAssigned.clientID),
            ("object_id", "object_id", ManagedIdentity.userAssigned.objectID),
            ("msi_res_id", "mi_res_id", ManagedIdentity.userAssigned.resourceID ?? ""),
        ]
    )
    func chosen(imds: String, appService: String, id: String) async throws {
        try await SandboxClient.withSandbox { client in
            let resource = "resource=https%3A%2F%2Fgraph.microsoft.com"
            let answers = try await [
                Self.imds(client, "api-version=2018-02-01&\(resource)&\(imds)=\(SandboxClient.encoded(id))"),
                Self.appService(
                    client,
                    "api-version=2019-08-01&\(resource)&\(appService)=\(SandboxClient.encoded(id.uppercased()))"
                ),
            ]
            for answer in answers {
                #expect(answer.status == 200)
                #expect(answer.json["client_id"] == .string(ManagedIdentity.userAssigned.clientID))
                let claims = answer.json.text(of: "access_token").flatMap { CompactJWS($0)?.claims }
                #expect(claims?["xms_mirid"] == JSONValue(ManagedIdentity.userAssigned.resourceID))
            }
        }
    }

    @Test("an identity that the machine does not have is 400")
    func unknownIdentity() async throws {
        try await SandboxClient.withSandbox { client in
            let id = "client_id=99999999-9999-4999-8999-999999999999&resource=https%3A%2F%2Fgraph.microsoft.com"
            let imds = try await Self.imds(client, "api-version=2018-02-01&\(id)")
            #expect(imds.status == 400)
            #expect(imds.json["error_description"] == "Identity not found")
            let appService = try await Self.appService(client, "api-version=2019-08-01&\(id)")
            #expect(appService.status == 400)
            #expect(appService.json["statusCode"] == 400)
            // Ids of two identities name none.
            let two =
                "client_id=\(ManagedIdentity.userAssigned.clientID)&object_id=\(ManagedIdentity.systemAssigned.objectID)"
            #expect(
                try await Self.imds(client, "api-version=2018-02-01&\(two)&resource=https%3A%2F%2Fgraph.microsoft.com")
                    .status == 400
            )
        }
    }

    @Test("a machine without an identity of its own has to say which it means")
    func noSystemAssigned() async throws {
        var configuration = SandboxConfiguration()
        configuration.managedIdentities = [.userAssigned]
        try await SandboxClient.withSandbox(configuration) { client in
            let answer = try await Self.imds(client)
            #expect(answer.status == 400)
        }
    }

    @Test(
        "IMDS refuses what does not come from the machine itself",
        arguments: [
            ([], "bad_request_102"), ([("Metadata", "True")], "bad_request_102"),
            ([("Metadata", "true"), ("X-Forwarded-For", "10.0.0.1")], "bad_request"),
            ([("Metadata", "true"), ("Via", "1.1 proxy")], "bad_request"),
        ] as [([(String, String)], String)]
    )
    func admission(_ fields: [(String, String)], _ error: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await Self.imds(
                client,
                "api-version=2018-02-01&resource=https%3A%2F%2Fgraph.microsoft.com",
                fields
            )
            #expect(answer.status == 400)
            #expect(answer.json["error"] == .string(error))
            #expect(client.store.counters[.managedIdentity].effective == 0)
        }
    }

    @Test("App Service refuses who does not know the secret of the environment")
    func secret() async throws {
        try await SandboxClient.withSandbox { client in
            for fields in [[], [("X-IDENTITY-HEADER", "guess")], [("Metadata", "true")]] {
                let answer = try await Self.appService(
                    client,
                    "api-version=2019-08-01&resource=https%3A%2F%2Fgraph.microsoft.com",
                    fields
                )
                #expect(answer.status == 401)
                #expect(answer.json["statusCode"] == 401)
                #expect(answer.json.text(of: "message") != nil)
            }
        }
    }

    @Test("a resource or a version that is missing or wrong is refused")
    func parameters() async throws {
        try await SandboxClient.withSandbox { client in
            for query in ["api-version=2018-02-01", "resource=https%3A%2F%2Fgraph.microsoft.com"] {
                #expect(try await Self.imds(client, query).status == 400)
                #expect(try await Self.appService(client, query).status == 400)
            }
            // A scope is no resource.
            let scope = "resource=https%3A%2F%2Fgraph.microsoft.com%2F.default"
            let imds = try await Self.imds(client, "api-version=2018-02-01&\(scope)")
            #expect(imds.json["error"] == "invalid_resource")
            #expect(try await Self.appService(client, "api-version=2019-08-01&\(scope)").status == 500)
        }
    }

    @Test("its faults are armed under its name")
    func faults() async throws {
        try await SandboxClient.withSandbox { client in
            try await client.control(
                "POST",
                "faults",
                #"{"operation": "managedIdentity", "effect": "answer", "status": 410}"#
            )
            #expect(try await client.askToken().status == 200)
            #expect(try await Self.imds(client).status == 410)
            #expect(try await Self.imds(client).status == 200)
        }
    }
}
