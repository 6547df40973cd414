import Crypto
import Foundation
import SwiftASN1
import Testing
import X509

@testable import Sandbox

@Suite("What Microsoft's clients ask before they sign in", .timeLimit(.minutes(5)))
struct DiscoveryTests {
    static let tenant = SandboxConfiguration.defaultTenantID

    @Test(
        "a tenant's endpoints are told in both versions, under the name by which the client came",
        arguments: [("/v2.0", "/oauth2/v2.0", "/discovery/v2.0/keys"), ("", "/oauth2", "/discovery/keys")]
    )
    func openIDConfiguration(version: String, endpoints: String, keys: String) async throws {
        try await SandboxClient.withSandbox { client in
            let address = "/\(Self.tenant)\(version)/.well-known/openid-configuration"
            let document = try await client.send("GET", address).json
            let base = "\(client.address.baseURL)/\(Self.tenant)"
            #expect(document["token_endpoint"] == .string("\(base)\(endpoints)/token"))
            #expect(document["authorization_endpoint"] == .string("\(base)\(endpoints)/authorize"))
            #expect(document["jwks_uri"] == .string("\(base)\(keys)"))
            let issuer = version.isEmpty ? "https://sts.windows.net/\(Self.tenant)/" : "\(base)/v2.0"
            #expect(document["issuer"] == .string(issuer))

            let named = try await HTTPConversation.hold(
                "GET \(address) HTTP/1.1\r\nHost: Login.Example:99\r\nConnection: close\r\n\r\n",
                with: client.address
            )
            #expect(named.json["jwks_uri"] == .string("http://login.example:99/\(Self.tenant)\(keys)"))
            #expect(named.json["msgraph_host"] == "login.example:99")
        }
    }

    @Test(
        "for any tenant the issuer is a template; personal accounts have a tenant",
        arguments: [
            ("common", "{tenantid}"), ("organizations", "{tenantid}"),
            ("consumers", "9188040d-6c67-4c5b-b112-36a304b66dad"),
        ]
    )
    func anyTenant(name: String, tenant: String) async throws {
        try await SandboxClient.withSandbox { client in
            let document = try await client.send("GET", "/\(name)/v2.0/.well-known/openid-configuration").json
            #expect(document["issuer"] == .string("\(client.address.baseURL)/\(tenant)/v2.0"))
            #expect(document["tenant_region_scope"] == .null)
        }
    }

    @Test(
        "a tenant that is unknown is refused as Entra does",
        arguments: ["v2.0/.well-known/openid-configuration", "discovery/v2.0/keys"]
    )
    func unknownTenant(path: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.send("GET", "/99999999-1111-4111-8111-111111111111/\(path)")
            #expect(answer.status == 400)
            #expect(answer.json["error"] == "invalid_tenant")
            #expect(answer.json["error_codes"] == [90002])
        }
    }

    /// The query of a client that wants to know whether `host` is Entra's.
    private func ask(
        _ client: SandboxClient,
        _ host: String,
        path: String = "/\(tenant)/oauth2/v2.0/authorize",
        version: String = "1.1"
    ) async throws -> HTTPConversation {
        let endpoint = SandboxClient.encoded("https://\(host)\(path)")
        return try await client.send(
            "GET",
            "/common/discovery/instance?api-version=\(version)&authorization_endpoint=\(endpoint)"
        )
    }

    @Test("a host that leads to the sandbox is one of Entra's; clients name it without its port")
    func instances() async throws {
        var configuration = SandboxConfiguration()
        configuration.names = ["Sandbox.Example"]
        try await SandboxClient.withSandbox(configuration) { client in
            let port = client.address.port
            for host in ["localhost", "127.0.0.1", "sandbox.example", "SANDBOX.example:\(port)"] {
                let name = host.lowercased().replacing(":\(port)", with: "")
                let answer = try await ask(client, host)
                #expect(answer.status == 200, "\(host)")
                #expect(
                    answer.json["tenant_discovery_endpoint"]
                        == .string("http://\(name):\(port)/\(Self.tenant)/v2.0/.well-known/openid-configuration")
                )
                guard case .array(let metadata) = answer.json["metadata"], let entry = metadata.first else {
                    Issue.record("no metadata: \(answer.body)")
                    continue
                }
                #expect(entry["preferred_network"] == .string("\(name):\(port)"))
                guard case .array(let aliases) = entry["aliases"] else {
                    Issue.record("no aliases: \(answer.body)")
                    continue
                }
                #expect(aliases.contains(.string("\(name):\(port)")))
            }
        }
    }

    @Test("endpoints of the first version lead to discovery of the first version")
    func firstVersion() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await ask(client, "localhost", path: "/\(Self.tenant)/oauth2/authorize", version: "1.0")
            #expect(
                answer.json["tenant_discovery_endpoint"]
                    == .string(
                        "http://localhost:\(client.address.port)/\(Self.tenant)/.well-known/openid-configuration"
                    )
            )
            #expect(answer.json["api-version"] == "1.0")
        }
    }

    @Test("Microsoft's own names are known, for a sandbox that was given them")
    func microsoftHosts() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await ask(client, "login.microsoftonline.com")
            #expect(answer.status == 200)
        }
    }

    @Test("any other host is none of Entra's", arguments: ["evil.example", "localhost.evil.example", ""])
    func unknownInstance(host: String) async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await ask(client, host)
            #expect(answer.status == 400)
            #expect(answer.json["error"] == "invalid_instance")
            #expect(answer.json["error_codes"] == [50049])
        }
    }

    @Test("without an endpoint to look at it says what is missing")
    func missing() async throws {
        try await SandboxClient.withSandbox { client in
            let answer = try await client.send("GET", "/common/discovery/instance?api-version=1.1")
            #expect(answer.status == 400)
            #expect(answer.json["error_codes"] == [900144])
        }
    }

    @Test(
        "the signing key is published everywhere, with a certificate of it",
        arguments: ["common/discovery/keys", "common/discovery/v2.0/keys", "\(tenant)/discovery/v2.0/keys"]
    )
    func keys(path: String) async throws {
        try await SandboxClient.withSandbox { client in
            guard case .array(let keys) = try await client.send("GET", "/" + path).json["keys"], keys.count == 1,
                case .array(let chain) = keys[0]["x5c"], case .string(let encoded) = chain.first,
                let der = Data(base64Encoded: encoded)
            else {
                Issue.record("no key with a certificate")
                return
            }
            let thumbprint = Base64.url(Array(Insecure.SHA1.hash(data: der)))
            #expect(keys[0]["kid"] == .string(thumbprint))
            #expect(keys[0]["x5t"] == .string(thumbprint))
            let certificate = try Certificate(derEncoded: Array(der))
            #expect(certificate.publicKey.isValidSignature(certificate.signature, for: certificate))
            // The header of a token says which key it was.
            let token = try await client.accessToken()
            let header = token.prefix { $0 != "." }.replacing("-", with: "+").replacing("_", with: "/")
            let padded = header + String(repeating: "=", count: (4 - header.count % 4) % 4)
            let text = String(decoding: try #require(Data(base64Encoded: String(padded))), as: UTF8.self)
            #expect(text.contains("\"kid\":\"\(thumbprint)\""))
            #expect(text.contains("\"x5t\":\"\(thumbprint)\""))
        }
    }
}
