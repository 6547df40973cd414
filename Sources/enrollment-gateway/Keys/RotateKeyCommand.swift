import ArgumentParser
import KeyRing
import Transport

/// `keys rotate`: a second key with the same rights, and an end for the first.
struct RotateKeyCommand: ParsableCommand {
    /// Time enough to bring the new key to whoever uses the old one.
    static let defaultOverlap = TimeSpan(.seconds(7 * 86_400))

    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Make a second key with the same rights, and set the end of the first one.",
        discussion: "The new key is written on standard output, once. Both hold until the first one's end."
    )

    @OptionGroup
    var key: KeyIDArgument

    @Option(help: "How long the first key goes on to hold; 0s ends it at once.")
    var overlap: TimeSpan = defaultOverlap

    @Option(
        name: [.customLong("expires"), .customLong("expires-at")],
        help: "When the new key ends. Without it, it lives as long as the first one was to live."
    )
    var expires: Moment?

    @OptionGroup
    var location: KeyRingLocation

    func run() throws {
        let now = Timestamp.now
        let id = try key.keyID
        let (new, old) = try location.change {
            try $0.rotate(id, overlap: overlap.duration, expiresAt: expires?.time(from: now), at: now)
        } confirm: {
            try KeyText.show($0.new.key)
        }
        complain(
            old.revokedAt == nil
                ? "Key \(old.id) of \(old.caller) ends at \(old.expiresAt?.rfc3339 ?? "no time")."
                : "Key \(old.id) of \(old.caller) is revoked: it would have ended before it began."
        )
        complain(KeyText.summary(of: new.entry, at: now))
    }
}
