import Graph
import KeyRing
import Transport

/// A key of the ring, and what its caller sends.
struct RingKey: Sendable {
    static let caller = "portal-eu"

    var entry: KeyEntry
    let text: String

    init(
        caller: String = Self.caller,
        rights: Set<KeyRight> = Set(KeyRight.allCases),
        profiles: KeyGrant.Profiles = .all,
        kinds: Set<ProfileKind>? = nil
    ) {
        let key = APIKey.random()
        entry = KeyEntry(
            id: key.id,
            caller: caller,
            digest: key.digest,
            grant: KeyGrant(rights: rights, profiles: profiles, kinds: kinds),
            createdAt: .now
        )
        text = key.reveal { $0 }
    }
}
