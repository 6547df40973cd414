import Graph
import Settings
import Transport

@testable import KeyRing

/// A moment to count from.
let start = Timestamp(secondsSince1970: 1_767_225_600)
let day = Duration.seconds(86_400)

let profile = ProfileReference(kind: .androidForWork, id: ProfileID("7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6")!)
let otherProfile = ProfileReference(kind: .androidForWork, id: ProfileID("aaaaaaaa-0000-4000-8000-000000000001")!)

extension KeyEntry {
    /// A key in force for which the tests have the text.
    static func sample(
        _ key: APIKey,
        caller: String = "portal",
        grant: KeyGrant = .everything,
        rate: CallerRate? = nil
    ) -> KeyEntry {
        KeyEntry(
            id: key.id,
            caller: caller,
            digest: key.digest,
            lastFour: key.lastFour,
            grant: grant,
            rate: rate,
            createdAt: start - day
        )
    }
}

extension KeyRing {
    /// What comes of a presented text.
    func result(_ text: String, at now: Timestamp = start) -> Result<String, Refusal> {
        Result { () throws(Refusal) in try caller(presenting: text, at: now).name }
    }
}

extension APIKey {
    var text: String { reveal { $0 } }
}
