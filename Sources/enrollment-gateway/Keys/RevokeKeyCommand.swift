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

    @Argument(help: "The id of the key, as `keys list` shows it.")
    var id: String

    @OptionGroup
    var location: KeyRingLocation

    func validate() throws { _ = try KeyIDArgument.read(id) }

    func run() throws {
        let now = Timestamp.now
        let id = try KeyIDArgument.read(id)
        let (entry, isNews) = try location.change { try $0.revoke(id, at: now) }
        try tell(
            isNews
                ? "Key \(entry.id) of \(entry.caller) is revoked."
                : "Key \(entry.id) of \(entry.caller) was revoked already, at \(entry.revokedAt?.rfc3339 ?? "an unknown time")."
        )
    }
}
