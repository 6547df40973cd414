import ArgumentParser
import KeyRing
import Transport

/// `keys list`: the keys there are, without one of them.
struct ListKeysCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Show the keys: whose they are, what they may, how old they are and how long they have left."
    )

    @Flag(help: "Write JSON, for programs.")
    var json = false

    @OptionGroup
    var location: KeyRingLocation

    func run() throws {
        let entries = try location.run { try $0.read().entries }
        let now = Timestamp.now
        try tell(json ? KeyText.document(entries, at: now) : KeyText.table(entries, at: now))
    }
}
