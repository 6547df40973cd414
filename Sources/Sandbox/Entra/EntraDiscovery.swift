import HTTPTypes

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// The two generations of Entra's endpoints.
enum EntraVersion: Sendable, Equatable {
    case v1, v2
}

/// What Microsoft's clients ask before they ask for an access token: which hosts are Entra's, and what a tenant has.
struct EntraDiscovery {
    /// The hosts that Microsoft's clients know to be the global cloud's, and that they therefore may name when somebody gave
    /// the sandbox those names.
    private static let microsoftHosts = [
        "login.microsoftonline.com", "login.windows.net", "login.microsoft.com", "sts.windows.net",
    ]

    /// The tenant of all personal accounts.
    private static let consumers = "9188040d-6c67-4c5b-b112-36a304b66dad"

    private let request: SandboxRequest
    private let tenant: SandboxTenant

    init(_ request: SandboxRequest, _ tenant: SandboxTenant) {
        self.request = request
        self.tenant = tenant
    }

    static func isForAnyTenant(_ name: String) -> Bool {
        ["common", "consumers", "organizations"].contains(name.lowercased())
    }

    /// OpenID Connect Discovery 1.0 §3, with the members that Entra publishes. What a person would sign in with is named as
    /// well, since clients require it, and is not there.
    func openIDConfiguration(of name: String, _ version: EntraVersion) throws(EntraRefusal) -> SandboxAnswer {
        let isForAnyTenant = Self.isForAnyTenant(name)
        try check(name)
        let base = "\(request.origin)/\(name.lowercased())"
        let endpoints = base + (version == .v2 ? "/oauth2/v2.0" : "/oauth2")
        // For any tenant it is a template that clients fill in.
        let issuerTenant =
            switch name.lowercased() {
            case "consumers": Self.consumers
            case "common", "organizations": "{tenantid}"
            default: tenant.id
            }
        let issuer =
            version == .v2
            ? "\(request.origin)/\(issuerTenant)/v2.0" : AccessTokenIssuer.issuer(tenantID: issuerTenant)
        return .json([
            "token_endpoint": .string("\(endpoints)/token"),
            "token_endpoint_auth_methods_supported": [
                "client_secret_post", "private_key_jwt", "client_secret_basic",
            ],
            "jwks_uri": .string(base + (version == .v2 ? "/discovery/v2.0/keys" : "/discovery/keys")),
            "response_modes_supported": ["query", "fragment", "form_post"],
            "subject_types_supported": ["pairwise"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
            "scopes_supported": ["openid", "profile", "email", "offline_access"],
            "issuer": .string(issuer),
            "request_uri_parameter_supported": false,
            "userinfo_endpoint": .string("\(request.origin)/oidc/userinfo"),
            "authorization_endpoint": .string("\(endpoints)/authorize"),
            "device_authorization_endpoint": .string("\(endpoints)/devicecode"),
            "http_logout_supported": true,
            "frontchannel_logout_supported": true,
            "end_session_endpoint": .string("\(endpoints)/logout"),
            "claims_supported": ["sub", "iss", "aud", "exp", "iat", "nonce", "tid", "ver"],
            "tenant_region_scope": isForAnyTenant ? .null : "NA",
            "cloud_instance_name": .string(request.authority),
            "cloud_graph_host_name": .string(request.authority),
            "msgraph_host": .string(request.authority),
            "rbac_url": .string(request.origin),
        ])
    }

    /// - Throws: the refusal of a tenant that there is not, which discovery words otherwise than the token endpoint.
    func check(_ name: String) throws(EntraRefusal) {
        guard !Self.isForAnyTenant(name), name.lowercased() != tenant.id else { return }
        var refusal = EntraRefusal.unknownTenant(name)
        refusal.error = "invalid_tenant"
        throw refusal
    }

    /// Whether an authorization endpoint is at one of Entra's hosts, which here are those that lead to the sandbox. Asked by
    /// clients that do not know the host they were pointed at.
    func instances() throws(EntraRefusal) -> SandboxAnswer {
        guard let endpoint = request.query["authorization_endpoint"] else { throw .missing("authorization_endpoint") }
        guard let url = URL(string: endpoint), url.scheme == "https" || url.scheme == "http",
            let host = url.host(percentEncoded: false)?.lowercased(), let authority = authority(of: host)
        else { throw .unknownInstance }
        let segments = SandboxRequest.segments(of: url.path)
        guard let tenant = segments.first else { throw .unknownInstance }
        let version = segments.contains("v2.0") ? "/v2.0" : ""
        let metadata: JSONValue = [
            [
                "preferred_network": .string(authority),
                "preferred_cache": .string(authority),
                "aliases": .array(Set([authority] + aliases).sorted().map(JSONValue.string)),
            ]
        ]
        return .json([
            "tenant_discovery_endpoint": .string(
                "\(request.address.scheme)://\(authority)/\(tenant)\(version)/.well-known/openid-configuration"
            ),
            "api-version": request.query["api-version"] == "1.0" ? "1.0" : "1.1",
            "metadata": metadata,
        ])
    }

    /// Host and port of the sandbox under the name `host`, which clients give without the port.
    private func authority(of host: String) -> String? {
        if request.host == host { return request.authority }
        if request.address.names.contains(host) { return request.address.authority(of: host) }
        return Self.microsoftHosts.contains(host) ? host : nil
    }

    private var aliases: [String] { request.address.names.map(request.address.authority(of:)) }
}
