import ArgumentParser
import Graph
import KeyRing
import TerminalText
import Transport

/// `keys test`: what a key may do on a profile, and why not.
struct TestKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "test",
        abstract: "Say what a key may do, and why not.",
        discussion: """
            KEY is a key's id, or - to read the key itself from standard input. A key on the command line would be shown to \
            everybody who lists the machine's processes. Exits with 0 where the key has every right that was asked for, or without --right any right at all.
            """
    )

    @Argument(help: "A key's id, or - for a key on standard input.")
    var key = "-"

    @Option(help: "Test it on this profile.", transform: ProfileArgument.init)
    var profile: ProfileArgument?

    @Option(help: "The profile's kind. Without it, android-for-work.")
    var kind = ProfileKind.androidForWork

    @Option(name: .customLong("right"), parsing: .upToNextOption, help: "Test these rights only.")
    var rights: [KeyRight] = []

    @OptionGroup
    var location: KeyRingLocation

    func run() throws {
        let now = Timestamp.now
        let entry = try location.run { file in try find(try file.read()) }
        let trial = KeyTrial(entry, on: try reference(), rights: rights.isEmpty ? KeyRight.allCases : rights, at: now)
        try tell(text(of: trial, at: now))
        // Who names no right wants to know whether it opens anything.
        guard rights.isEmpty ? trial.isPartlyAllowed : trial.isWhollyAllowed else { throw ExitCode.failure }
    }

    func validate() throws { _ = try reference() }

    private func reference() throws -> ProfileReference? {
        switch profile {
        case .one(let id): return ProfileReference(kind: kind, id: id)
        case .all: throw ValidationError("Give the id of one profile.")
        case nil: return nil
        }
    }

    private func find(_ document: KeyRingDocument) throws -> KeyEntry {
        if let id = KeyID(key) {
            guard let entry = document.entries.first(where: { $0.id == id }) else {
                throw KeyOrderRefusal("There is no key \(id) in the key ring.")
            }
            return entry
        }
        let presented = key == "-" ? StandardInput.line(upTo: KeyRing.longestKey) : key
        if key != "-" {
            complain(
                "Whoever listed this machine's processes could read this key. Pipe it in, with - in its place, or rotate it."
            )
        }
        let text = Array(presented.utf8)
        switch APIKey.shape(of: text) {
        case .other:
            throw KeyOrderRefusal("This is no API key of a key ring: those begin with \(APIKey.prefix).")
        case .damaged:
            throw KeyOrderRefusal("This is no whole API key: a character is wrong or missing.")
        case .key(let id):
            guard let entry = document.entries.first(where: { $0.id == id }) else {
                throw KeyOrderRefusal("The key is a whole one, but there is no key \(id) in this key ring.")
            }
            guard entry.digest.matches(KeyDigest(of: text)) else {
                throw KeyOrderRefusal("The key has the id \(id), but another secret than the one in this key ring.")
            }
            return entry
        }
    }

    private func text(of trial: KeyTrial, at now: Timestamp) -> String {
        let entry = trial.entry
        var table = TextTable(["RIGHT", "ALLOWED", "WHY NOT"])
        for verdict in trial.verdicts {
            table.add([verdict.right.rawValue, verdict.refusal == nil ? "yes" : "no", verdict.refusal ?? ""])
        }
        return """
            Key \(entry.id) of \(entry.caller) is \(trial.state.rawValue). \(KeyText.validity(of: entry, at: now))
            It is for \(KeyText.profiles(entry.grant)).
            \(table.text)
            """
    }
}
