import ArgumentParser
import KeyRing
import Transport

/// `keys revoke`: ends a key now.
struct RevokeKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "End a key, now and for good.",
        discussion: "It stays in the list as revoked. Requests that are under way are finished."
    )

    @OptionGroup
    var key: KeyIDArgument

    @OptionGroup
    var location: KeyRingLocation

    func run() throws {
        let now = Timestamp.now
        let id = try key.keyID
        let (entry, isNews) = try location.change { try $0.revoke(id, at: now) }
        try tell(
            isNews
                ? "Key \(entry.id) of \(entry.caller) is revoked."
                : "Key \(entry.id) of \(entry.caller) was revoked already, at \(entry.revokedAt?.rfc3339 ?? "an unknown time")."
        )
    }
}
