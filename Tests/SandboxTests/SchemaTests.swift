import NIOCore
import Testing

@testable import Sandbox

/// Names, types and nullability of every answer, against Microsoft's description of it.
@Suite("The sandbox's answers keep to Microsoft's description", .timeLimit(.minutes(5)))
struct SchemaTests {
    @Test(
        "profiles, with and without a token, alone and in a list",
        arguments: SandboxProfile.Kind.allCases,
        [false, true]
    )
    func profiles(kind: SandboxProfile.Kind, hasToken: Bool) async throws {
        try await SandboxClient.withSandbox { client in
            let token = try await client.accessToken()
            let collection = "/beta/deviceManagement/\(kind.collection)"
            for state in client.store.profiles where state.profile.kind == kind {
                let path = "\(collection)/\(state.profile.id)"
                if hasToken { _ = try await client.createToken(path, token: token) }
                let profile = try await client.graph("GET", path, token: token).json
                #expect(profile["tokenValue"] != .null || !hasToken)
                #expect(Schema.profile(kind).faults(in: profile) == [])
            }
            let list = try await client.graph("GET", collection, token: token).json
            #expect(Schema.list(kind).faults(in: list) == [])
            let page = try await client.graph("GET", collection + "?$top=1&$count=true", token: token).json
            #expect(Schema.list(kind).faults(in: page) == [])
            #expect(page["@odata.nextLink"] != nil && page["@odata.count"] == 3)
            let count = try await client.graph("GET", collection + "/$count", token: token)
            #expect(count.body == "3")
            #expect(count.field("Content-Type") == "text/plain")
        }
    }

    @Test("Graph's errors, its own and those of Intune behind it")
    func errors() async throws {
        var configuration = SandboxConfiguration()
        configuration.throttling = .init(writes: 2, seconds: 60)
        try await SandboxClient.withSandbox(configuration) { client in
            let token = try await client.accessToken()
            let profile = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)"
            func expect(_ status: Int, isFromIntune: Bool = false, _ answer: HTTPConversation) {
                #expect(answer.status == status)
                #expect(Schema.error.faults(in: answer.json) == [])
                guard isFromIntune else { return }
                guard case .string(let text) = answer.json["error"]?["message"] else { return }
                let inner = JSONValue(parsing: ByteBuffer(string: text)) ?? .null
                #expect(Schema.intuneError.faults(in: inner) == [])
            }
            expect(401, try await client.graph("GET", profile, token: "nonsense"))
            expect(400, try await client.graph("GET", profile + "?$select=nonsense", token: token))
            expect(405, try await client.graph("PUT", profile, token: token))
            expect(400, try await client.graph("GET", "/v9/nonsense", token: token))
            let unknown = SandboxClient.forWork + "/99999999-0000-4000-8000-000000000001"
            expect(404, isFromIntune: true, try await client.graph("GET", unknown, token: token))
            expect(400, isFromIntune: true, try await client.createToken(validity: "0", token: token))
            client.store.updateTenant { $0.roles = [] }
            let powerless = try await client.accessToken()
            expect(403, isFromIntune: true, try await client.createToken(token: powerless))
            expect(429, isFromIntune: true, try await client.createToken(token: token))
        }
    }

    @Test("Entra's documents")
    func entra() async throws {
        try await SandboxClient.withSandbox { client in
            #expect(Schema.grant.faults(in: try await client.askToken().json) == [])
            #expect(Schema.refusal.faults(in: try await client.askToken(["client_secret": "wrong"]).json) == [])
            func document(_ path: String) async throws -> JSONValue { try await client.send("GET", path).json }
            for tenant in [SandboxConfiguration.defaultTenantID, "common"] {
                for version in ["", "/v2.0"] {
                    let configuration = try await document("/\(tenant)\(version)/.well-known/openid-configuration")
                    #expect(Schema.openIDConfiguration.faults(in: configuration) == [])
                }
            }
            #expect(Schema.keys.faults(in: try await document("/common/discovery/v2.0/keys")) == [])
            let endpoint = SandboxClient.encoded("https://localhost/common/oauth2/v2.0/authorize")
            let instances = try await document("/common/discovery/instance?authorization_endpoint=\(endpoint)")
            #expect(Schema.instances.faults(in: instances) == [])
        }
    }

    @Test("a schema finds what is missing, doubled, undescribed or of another type")
    func schema() {
        let schema = Schema.object(["id": .guid, "names": .array(.text)], optional: ["at": .nullable(.instant)])
        let id: JSONValue = "99999999-0000-4000-8000-000000000001"
        func faults(_ members: [(String, JSONValue)]) -> Int {
            schema.faults(in: .object(members.map { .init(name: $0.0, value: $0.1) })).count
        }
        #expect(faults([("id", id), ("names", ["a"])]) == 0)
        #expect(faults([("id", id), ("names", []), ("at", .null)]) == 0)
        #expect(faults([("id", id), ("names", []), ("at", "2026-01-01T00:00:00Z")]) == 0)
        #expect(faults([("id", id)]) == 1)
        #expect(faults([("id", id), ("id", id), ("names", [])]) == 1)
        #expect(faults([("id", "x"), ("names", ["a", 1, .null])]) == 3)
        #expect(faults([("id", id), ("names", "a")]) == 1)
        #expect(faults([("id", id), ("names", []), ("at", "yesterday")]) == 1)
        #expect(faults([("id", id), ("names", []), ("more", 1)]) == 1)
    }
}
