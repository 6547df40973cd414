import HTTPTypes

/// What a request line asks for.
enum SandboxRoute: Sendable, Equatable {
    case token(tenant: String)
    case openIDConfiguration(tenant: String, EntraVersion)
    case signingKeys(tenant: String)
    /// Which hosts are Entra's, asked at any tenant.
    case instanceDiscovery

    /// The platform's endpoint for the tokens of the machine.
    case managedIdentity(ManagedIdentityEndpoint)

    case list(SandboxProfile.Kind)
    case count(SandboxProfile.Kind)
    case get(SandboxProfile.Kind, id: String)
    case createToken(SandboxProfile.Kind, id: String)
    case revokeToken(SandboxProfile.Kind, id: String)
    /// A path that Graph knows, with a method that it has no use for there.
    case methodNotAllowed
    /// A path that Graph does not know, and the segment at which it stopped.
    case unknownSegment(String)
    case unknownVersion(String)

    /// The sandbox's own endpoint: the path behind `/_sandbox/`.
    case control(String)

    init(_ head: HTTPRequest) {
        let path = (head.path ?? "/").prefix { $0 != "?" }
        let segments = SandboxRequest.segments(of: path)
        switch segments.first {
        case "_sandbox": self = .control(segments.dropFirst().joined(separator: "/"))
        case "beta", "v1.0": self = Self.graph(segments[...], method: head.method)
        default: self = Self.identity(segments) ?? .unknownVersion(segments.first ?? "")
        }
    }

    /// How it is counted.
    var operation: SandboxOperation {
        switch self {
        case .token: .token
        case .managedIdentity: .managedIdentity
        case .list, .count: .list
        case .get: .get
        case .createToken: .createToken
        case .revokeToken: .revokeToken
        case .openIDConfiguration, .signingKeys, .instanceDiscovery, .methodNotAllowed, .unknownSegment,
            .unknownVersion, .control:
            .other
        }
    }

    /// What is not Graph's and has no version in front.
    private static func identity(_ segments: [String]) -> SandboxRoute? {
        switch segments {
        case ["metadata", "identity", "oauth2", "token"]: return .managedIdentity(.instanceMetadata)
        case ["msi", "token"]: return .managedIdentity(.appService)
        default: break
        }
        guard let tenant = segments.first else { return nil }
        return switch segments.dropFirst() {
        case ["oauth2", "v2.0", "token"]: .token(tenant: tenant)
        case ["v2.0", ".well-known", "openid-configuration"]: .openIDConfiguration(tenant: tenant, .v2)
        case [".well-known", "openid-configuration"]: .openIDConfiguration(tenant: tenant, .v1)
        case ["discovery", "v2.0", "keys"], ["discovery", "keys"]: .signingKeys(tenant: tenant)
        case ["discovery", "instance"]: .instanceDiscovery
        default: nil
        }
    }

    /// Walks the segments behind the version as OData does, and stops at the first that is unknown. The collections are in
    /// beta only.
    private static func graph(_ segments: ArraySlice<String>, method: HTTPRequest.Method) -> SandboxRoute {
        var rest = segments
        let version = rest.removeFirst()
        guard let service = rest.popFirst() else { return .unknownSegment("") }
        guard service == "deviceManagement" else { return .unknownSegment(service) }
        guard let collection = rest.popFirst() else { return .methodNotAllowed }
        guard version == "beta", let kind = SandboxProfile.Kind.allCases.first(where: { $0.collection == collection })
        else {
            return .unknownSegment(collection)
        }
        guard let id = rest.popFirst() else { return method == .get ? .list(kind) : .methodNotAllowed }
        guard let action = rest.popFirst() else {
            if id == "$count" { return method == .get ? .count(kind) : .methodNotAllowed }
            return method == .get ? .get(kind, id: id) : .methodNotAllowed
        }
        guard rest.isEmpty else { return .unknownSegment(rest[rest.startIndex]) }
        // OData allows an action to be written with its namespace.
        switch action.hasPrefix("microsoft.graph.") ? String(action.dropFirst("microsoft.graph.".count)) : action {
        case "createToken": return method == .post ? .createToken(kind, id: id) : .methodNotAllowed
        case "revokeToken": return method == .post ? .revokeToken(kind, id: id) : .methodNotAllowed
        default: return .unknownSegment(action)
        }
    }
}
