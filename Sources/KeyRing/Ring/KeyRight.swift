/// What a key may be used for; each operation needs one.
package enum KeyRight: String, Sendable, CaseIterable, Hashable {
    case createToken = "token:create"
    case readToken = "token:read"
    case revokeToken = "token:revoke"
    case readProfiles = "profile:read"
}

/// A right as a type, so that what asks for one cannot be handed the proof of another.
package protocol RightType: Sendable {
    static var right: KeyRight { get }
}

package enum CreateToken: RightType {
    package static let right = KeyRight.createToken
}

package enum ReadToken: RightType {
    package static let right = KeyRight.readToken
}

package enum RevokeToken: RightType {
    package static let right = KeyRight.revokeToken
}

package enum ReadProfiles: RightType {
    package static let right = KeyRight.readProfiles
}
