import Foundation

@testable import Sandbox

/// What a JSON document of Microsoft's looks like: the part of JSON Schema that its descriptions need.
indirect enum Schema: Sendable {
    case text, guid, url, boolean, int32
    /// RFC 3339, with the fractions and the zone that OData allows.
    case instant
    case matching(String)
    case oneOf([String])
    case nullable(Schema)
    case array(Schema)
    /// Exactly these members: `required` always, `optional` perhaps.
    case object(_ required: [String: Schema], optional: [String: Schema] = [:])

    /// Everything in which `value` differs from it, with the path to it; `nil` stands for a member that is missing.
    func faults(in value: JSONValue, at path: String = "$") -> [String] {
        switch (self, value) {
        case (.nullable, .null), (.text, .string), (.boolean, .bool): []
        case (.nullable(let schema), _): schema.faults(in: value, at: path)
        case (.guid, .string(let text)) where SandboxProfile.isGUID(text): []
        case (.url, .string(let text)) where URL(string: text)?.host != nil: []
        case (.int32, .integer(let number)) where Int32(exactly: number) != nil: []
        case (.instant, .string(let text))
        where text.wholeMatch(of: /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,12})?(Z|[+-]\d\d:\d\d)/) != nil:
            []
        case (.matching(let pattern), .string(let text))
        where (try? Regex(pattern)).flatMap { try? $0.wholeMatch(in: text) } != nil:
            []
        case (.oneOf(let names), .string(let text)) where names.contains(text): []
        case (.array(let schema), .array(let values)):
            values.enumerated().flatMap { schema.faults(in: $1, at: "\(path)[\($0)]") }
        case (.object(let required, let optional), .object(let members)):
            faults(in: members, required, optional, at: path)
        default: ["\(path) is \(value.text.prefix(200)), which is no \(self)"]
        }
    }

    private func faults(
        in members: [JSONValue.Member],
        _ required: [String: Schema],
        _ optional: [String: Schema],
        at path: String
    ) -> [String] {
        let names = members.map(\.name)
        var faults = required.keys.filter { !names.contains($0) }.map { "\(path).\($0) is missing" }
        if Set(names).count != names.count { faults.append("\(path) has a member twice") }
        for member in members {
            if let schema = required[member.name] ?? optional[member.name] {
                faults += schema.faults(in: member.value, at: "\(path).\(member.name)")
            } else {
                faults.append("\(path).\(member.name) is not described")
            }
        }
        return faults
    }
}

/// Microsoft's OpenAPI description of Graph beta, with what its later type mappings added.
extension Schema {
    private static let forWork: [String: Schema] = [
        "accountId": .nullable(.text), "id": .text, "displayName": .nullable(.text), "description": .nullable(.text),
        "createdDateTime": .instant, "lastModifiedDateTime": .instant, "tokenValue": .nullable(.text),
        "tokenExpirationDateTime": .instant, "enrolledDeviceCount": .int32, "qrCodeContent": .nullable(.text),
        "qrCodeImage": .nullable(.object(["type": .nullable(.text), "value": .text])),
    ]

    private static let deviceOwner = forWork.merging(
        [
            "enrollmentMode": .oneOf([
                "corporateOwnedDedicatedDevice", "corporateOwnedFullyManaged", "corporateOwnedWorkProfile",
                "corporateOwnedAOSPUserlessDevice", "corporateOwnedAOSPUserAssociatedDevice",
            ]),
            "enrollmentTokenType": .oneOf([
                "default", "corporateOwnedDedicatedDeviceWithAzureADSharedMode", "deviceStaging",
            ]),
            "enrollmentTokenUsageCount": .int32, "roleScopeTagIds": .array(.nullable(.text)),
            "tokenCreationDateTime": .instant, "configureWifi": .boolean, "wifiSsid": .nullable(.text),
            "wifiPassword": .nullable(.text), "wifiSecurityType": .oneOf(["none", "wpa", "wep"]),
            "wifiHidden": .boolean, "isTeamsDeviceProfile": .boolean, "deviceNameTemplate": .nullable(.text),
        ],
        uniquingKeysWith: { first, _ in first }
    )

    private static func properties(of kind: SandboxProfile.Kind) -> [String: Schema] {
        kind == .deviceOwner ? deviceOwner : forWork
    }

    /// One profile, as it is got.
    static func profile(_ kind: SandboxProfile.Kind) -> Schema {
        .object(properties(of: kind).merging(["@odata.context": .url]) { first, _ in first })
    }

    static func list(_ kind: SandboxProfile.Kind) -> Schema {
        .object(
            ["@odata.context": .url, "value": .array(.object(properties(of: kind)))],
            optional: ["@odata.nextLink": .url, "@odata.count": .int32]
        )
    }

    /// `ODataError`, with the inner error that Graph sends.
    static let error = Schema.object([
        "error": .object([
            "code": .text, "message": .text,
            "innerError": .object([
                "date": .matching(#"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"#), "request-id": .guid, "client-request-id": .guid,
            ]),
        ])
    ])

    /// What Intune puts into `message` of such an error.
    static let intuneError = Schema.object([
        "_version": .int32, "Message": .text, "CustomApiErrorPhrase": .text, "RetryAfter": .nullable(.int32),
        "ErrorSourceService": .text, "HttpHeaders": .text,
    ])
}

/// Entra's documents (RFC 6749, OpenID Connect Discovery 1.0, RFC 7517).
extension Schema {
    static let grant = Schema.object([
        "token_type": .oneOf(["Bearer"]), "expires_in": .int32, "ext_expires_in": .int32,
        "access_token": .matching(#"[\w-]+\.[\w-]+\.[\w-]+"#),
    ])

    static let refusal = Schema.object([
        "error": .matching("[a-z_]+"), "error_description": .matching(#"(?s)AADSTS\d+: .*"#),
        "error_codes": .array(.int32), "timestamp": .matching(#"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ"#), "trace_id": .guid,
        "correlation_id": .guid, "error_uri": .url,
    ])

    static let openIDConfiguration = Schema.object([
        "token_endpoint": .url, "token_endpoint_auth_methods_supported": .array(.text), "jwks_uri": .url,
        "response_modes_supported": .array(.text), "subject_types_supported": .array(.text),
        "id_token_signing_alg_values_supported": .array(.text), "response_types_supported": .array(.text),
        "scopes_supported": .array(.text), "issuer": .text, "request_uri_parameter_supported": .boolean,
        "userinfo_endpoint": .url, "authorization_endpoint": .url, "device_authorization_endpoint": .url,
        "http_logout_supported": .boolean, "frontchannel_logout_supported": .boolean, "end_session_endpoint": .url,
        "claims_supported": .array(.text), "tenant_region_scope": .nullable(.text), "cloud_instance_name": .text,
        "cloud_graph_host_name": .text, "msgraph_host": .text, "rbac_url": .url,
    ])

    static let instances = Schema.object([
        "tenant_discovery_endpoint": .url, "api-version": .matching(#"1\.[01]"#),
        "metadata": .array(
            .object(["preferred_network": .text, "preferred_cache": .text, "aliases": .array(.text)])
        ),
    ])

    static let keys = Schema.object([
        "keys": .array(
            .object([
                "kty": .oneOf(["RSA"]), "use": .oneOf(["sig"]), "alg": .oneOf(["RS256"]), "kid": .matching(#"[\w-]+"#),
                "x5t": .matching(#"[\w-]{27}"#), "n": .matching(#"[\w-]{342}"#), "e": .oneOf(["AQAB"]),
                "x5c": .array(.matching("[A-Za-z0-9+/]+=*")),
            ])
        )
    ])
}
