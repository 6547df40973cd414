import Testing
import Transport

@testable import Entra

@Suite("EntraConfiguration")
struct EntraConfigurationTests {
    @Test(
        "a tenant is a GUID or a domain, in lower case",
        arguments: [
            ("11111111-2222-3333-4444-55555555ABCD", "11111111-2222-3333-4444-55555555abcd"),
            ("Contoso.onmicrosoft.com", "contoso.onmicrosoft.com"), ("a-b.example", "a-b.example"),
        ]
    )
    func tenant(text: String, expected: String) throws {
        #expect(try TenantID(text).description == expected)
    }

    @Test(
        "what is neither GUID nor domain is no tenant",
        arguments: [
            "", "contoso", "contoso..com", ".com", "-a.com", "a-.com", "a.com/", "a.com/../b", "a%2eb.com", "a b.com",
            "ä.com", "a_b.com",
            "{11111111-2222-3333-4444-555555555555}", "11111111-2222-3333-4444-55555555555", "a.com\n",
            String(repeating: "a", count: 64) + ".com",
        ]
    )
    func badTenant(text: String) {
        #expect(throws: EntraConfigurationError.tenant) { try TenantID(text) }
    }

    @Test("names for many tenants get their own reason", arguments: ["common", "Organizations", "consumers"])
    func sharedTenant(text: String) {
        #expect(throws: EntraConfigurationError.tenantShared) { try TenantID(text) }
    }

    @Test(
        "a client id is a GUID and nothing else",
        arguments: [
            "", "enrollment-gateway", "{aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee}", "aaaaaaaabbbbccccddddeeeeeeeeeeee",
            "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeeg", "٠aaaaaaa-bbbb-cccc-dddd-eeeeeeeeeee",
        ]
    )
    func badClient(text: String) {
        #expect(throws: EntraConfigurationError.client) { try ClientID(text) }
    }

    @Test(
        "a scope is one resource and /.default",
        arguments: [
            "", "/.default", "https://graph.microsoft.com", "https://a/.default https://b/.default",
            "https://a/.default\n",
        ]
    )
    func badScope(text: String) {
        #expect(throws: EntraConfigurationError.scope) { try TokenScope(text) }
    }

    @Test("the scope of a Graph root is its origin's")
    func scopeOfRoot() throws {
        let scope = TokenScope(graphRoot: try UpstreamURL("https://graph.microsoft.com/beta"))
        #expect(scope.description == "https://graph.microsoft.com/.default")
    }
}
