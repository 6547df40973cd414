/// Whether the roles of an access token allow what the gateway is for.
///
/// Entra issues tokens to an app that was granted nothing (Microsoft's page on the client credentials flow, "Controlling
/// tokens without the roles claim"): what is missing would otherwise show as Graph's 403 only.
package enum TokenPermission: Sendable, Equatable {
    /// What `createToken` asks for (Graph's reference of the action).
    package static let required = "DeviceManagementConfiguration.ReadWrite.All"

    case sufficient
    /// The role is there, and others that are not needed: what a stolen credential could do besides.
    case excessive([String])
    case missing
    /// The token does not show its roles. It may be good all the same.
    case unreadable

    /// So many roles that are not needed are named, none longer than ``longestRole``.
    private static let shownRoles = 8
    private static let longestRole = 80

    package init(_ facts: AccessTokenFacts?) {
        guard let facts, facts.showsRoles else {
            self = .unreadable
            return
        }
        guard facts.roles.contains(Self.required) else {
            self = .missing
            return
        }
        let others = facts.roles.filter { $0 != Self.required && Self.isPrintable($0) }
        self = others.isEmpty ? .sufficient : .excessive(Array(others.sorted().prefix(Self.shownRoles)))
    }

    /// What there is to say about it; `nil` when all is as it should be.
    package var remark: String? {
        switch self {
        case .sufficient: nil
        case .excessive(let roles): "the app has more permissions than it needs: \(roles.joined(separator: ", "))"
        case .missing:
            """
            the access token has no role \(Self.required): add this application permission of Microsoft Graph to the app \
            registration, and grant admin consent for it
            """
        case .unreadable:
            "the access token does not show its roles; whether they suffice is known when Graph has answered"
        }
    }

    private static func isPrintable(_ role: String) -> Bool {
        role.utf8.count <= longestRole
            && role.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }
}
