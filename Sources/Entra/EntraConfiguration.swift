package import Transport

/// Who asks Entra for access tokens, where, for what and by which credential.
package struct EntraConfiguration: Sendable {
    /// The authority of the cloud, for example `https://login.microsoftonline.com`.
    package var authority: UpstreamURL
    package var tenant: TenantID
    package var client: ClientID
    package var scope: TokenScope
    package var credential: any Credential
    /// Whether each token request says that claims challenges are answered here. Entra's tokens live longer then, and Graph may
    /// refuse one before its end.
    package var declaresClaimsChallenges: Bool

    package init(
        authority: UpstreamURL,
        tenant: TenantID,
        client: ClientID,
        scope: TokenScope,
        credential: any Credential,
        declaresClaimsChallenges: Bool = false
    ) {
        self.authority = authority
        self.tenant = tenant
        self.client = client
        self.scope = scope
        self.credential = credential
        self.declaresClaimsChallenges = declaresClaimsChallenges
    }

    /// The v2.0 token endpoint of the tenant.
    package var tokenURL: UpstreamURL { TenantID.tokenURL(of: tenant, at: authority) }
}

/// A directory: its GUID or one of its verified domains.
///
/// Either is safe inside a URL's path as it stands.
package struct TenantID: Sendable, Hashable, CustomStringConvertible {
    /// In lower case.
    package let description: String

    /// Names that stand for many tenants; the client credentials grant needs exactly one.
    private static let shared: Set<String> = ["common", "organizations", "consumers"]

    /// - Throws: ``EntraConfigurationError``.
    package init(_ text: String) throws(EntraConfigurationError) {
        let name = text.lowercased()
        guard !Self.shared.contains(name) else { throw EntraConfigurationError.tenantShared }
        guard GUID(name) != nil || Self.isDomain(name) else { throw EntraConfigurationError.tenant }
        description = name
    }

    static func tokenURL(of tenant: TenantID, at authority: UpstreamURL) -> UpstreamURL {
        authority.appending(path: "/\(tenant)/oauth2/v2.0/token")
    }

    /// Two labels or more, each as RFC 1123 §2.1 allows.
    private static func isDomain(_ name: String) -> Bool {
        guard name.utf8.count <= 253 else { return false }
        let labels = name.split(separator: ".", omittingEmptySubsequences: false)
        return labels.count >= 2
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count) && !label.hasPrefix("-") && !label.hasSuffix("-")
                    && label.utf8.allSatisfy {
                        switch $0 {
                        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                            UInt8(ascii: "-"):
                            true
                        default: false
                        }
                    }
            }
    }
}

/// The app registration's "Application (client) ID".
package struct ClientID: Sendable, Hashable, CustomStringConvertible {
    /// In lower case.
    package let description: String

    /// - Throws: ``EntraConfigurationError``.
    package init(_ text: String) throws(EntraConfigurationError) {
        guard let id = GUID(text) else { throw EntraConfigurationError.client }
        description = id.description
    }
}

/// What the access token is for: one resource, and of its rights those that an administrator has granted (`/.default`).
package struct TokenScope: Sendable, Hashable, CustomStringConvertible {
    package let description: String

    /// - Throws: ``EntraConfigurationError``.
    package init(_ text: String) throws(EntraConfigurationError) {
        let isPrintable = text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
        guard isPrintable, text.hasSuffix("/.default"), text.utf8.count > "/.default".utf8.count else {
            throw EntraConfigurationError.scope
        }
        description = text
    }

    /// The scope of a Graph root: its origin, whatever the version behind it.
    package init(graphRoot: UpstreamURL) { description = graphRoot.origin + "/.default" }

    /// The resource alone, as the endpoints of managed identities take it.
    package var resource: String { String(description.dropLast("/.default".count)) }
}

/// What is wrong with a value of ``EntraConfiguration``, as the end of a sentence that begins with the value's name.
package enum EntraConfigurationError: String, Error, Sendable {
    case tenant = "it is neither a GUID nor a domain name such as contoso.onmicrosoft.com"
    case tenantShared = "it stands for many tenants; give the GUID of one (Directory (tenant) ID)"
    case client = "it is not a GUID; give the Application (client) ID of the app registration"
    case scope = "it is not one resource followed by /.default"
}
