package import Graph

/// What a key allows.
package struct KeyGrant: Sendable, Equatable {
    /// Which profiles a key is for.
    package enum Profiles: Sendable, Equatable {
        case all
        case some(Set<ProfileID>)

        package func contains(_ id: ProfileID) -> Bool {
            switch self {
            case .all: true
            case .some(let ids): ids.contains(id)
            }
        }
    }

    package var rights: Set<KeyRight>
    package var profiles: Profiles
    /// `nil`: all, also those to come.
    package var kinds: Set<ProfileKind>?
    /// In seconds; `nil` where only the gateway's own bounds hold.
    package var greatestValidity: Int?

    package init(
        rights: Set<KeyRight>,
        profiles: Profiles,
        kinds: Set<ProfileKind>? = nil,
        greatestValidity: Int? = nil
    ) {
        self.rights = rights
        self.profiles = profiles
        self.kinds = kinds
        self.greatestValidity = greatestValidity
    }

    /// Every right on every profile.
    package static let everything = KeyGrant(rights: Set(KeyRight.allCases), profiles: .all)

    /// Why a key may not do a thing.
    package enum Denial: Error, Sendable, Equatable {
        case right(KeyRight)
        case profile
        case kind(ProfileKind)
    }

    /// - Throws: the first reason why not. None of them depends on whether there is such a profile.
    package func check(_ right: KeyRight, on profile: ProfileReference) throws(Denial) {
        try check(right, in: profile.kind)
        guard profiles.contains(profile.id) else { throw .profile }
    }

    /// The same for a whole kind, of which it allows some profiles at least.
    package func check(_ right: KeyRight, in kind: ProfileKind) throws(Denial) {
        guard rights.contains(right) else { throw .right(right) }
        guard kinds?.contains(kind) ?? true else { throw .kind(kind) }
    }
}
