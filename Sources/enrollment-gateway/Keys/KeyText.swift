import ArgumentParser
import Foundation
import Graph
import JSONText
import KeyRing
import Settings
import TerminalText
import Transport

/// Keys, put into words.
enum KeyText {
    /// Writes a key on standard output, alone, so that it can be piped into whatever keeps secrets.
    ///
    /// - Throws: `ExitCode` where nobody got it: then it is good for nothing.
    static func show(_ key: APIKey) throws {
        guard key.reveal(StandardOutput.write) else {
            complain("The key could not be written on standard output. Nothing was changed.")
            throw ExitCode.failure
        }
    }

    /// What was made, in a few lines.
    static func summary(of entry: KeyEntry, at now: Timestamp) -> String {
        """
        Key \(entry.id) of \(entry.caller): \(rights(entry.grant)) on \(profiles(entry.grant)).
        \(validity(of: entry, at: now)) The key is on standard output, once, and is not kept anywhere: store it now.
        """
    }

    static func validity(of entry: KeyEntry, at now: Timestamp) -> String {
        switch entry.state(at: now) {
        case .revoked: return "Revoked at \(entry.revokedAt?.rfc3339 ?? "an unknown time")."
        case .expired: return "Ended at \(entry.expiresAt?.rfc3339 ?? "an unknown time")."
        case .notYetValid, .live:
            let begin = entry.notBefore.flatMap { $0 > now ? "from \($0.rfc3339) " : nil } ?? ""
            return "Valid \(begin)\(entry.expiresAt.map { "until \($0.rfc3339)" } ?? "without an end")."
        }
    }

    static func rights(_ grant: KeyGrant) -> String { grant.rightNames.joined(separator: ", ") }

    static func profiles(_ grant: KeyGrant) -> String {
        let ids = grant.profileNames
        let which = ids == ["*"] ? "all profiles" : ids.count == 1 ? "profile \(ids[0])" : "\(ids.count) profiles"
        return grant.kindNames.map { "\(which) of the kind \($0.joined(separator: ", "))" } ?? which
    }

    /// Where callers' keys come from, and how many there are.
    static func report(_ configuration: KeyRingConfiguration, at now: Timestamp) -> String {
        var parts: [String] = []
        if configuration.single != nil { parts.append("\(KeyRingConfiguration.keySetting), with every right") }
        if let file = configuration.file {
            let entries = configuration.document.entries
            let live = entries.count { $0.state(at: now) == .live }
            parts.append("\(file.path): \(entries.count) \(entries.count == 1 ? "key" : "keys"), of which \(live) live")
        }
        return parts.joined(separator: "; ")
    }

    // MARK: The list

    static func table(_ entries: [KeyEntry], at now: Timestamp) -> String {
        guard !entries.isEmpty else { return "The key ring has no keys." }
        var table = TextTable([
            "ID", "CALLER", "LAST FOUR", "STATE", "RIGHTS", "PROFILES", "RATE", "AGE", "DAYS LEFT", "COMMENT",
        ])
        for entry in entries {
            table.add([
                "\(entry.id)", entry.caller, entry.lastFour ?? "-", entry.state(at: now).rawValue,
                entry.grant.rightNames.joined(separator: ","), column(entry.grant),
                entry.rate.map(\.rate.description) ?? "-", "\(days(from: entry.createdAt, to: now)) d",
                daysLeft(entry, at: now).map(String.init) ?? "-", TerminalSafe.line(entry.comment ?? ""),
            ])
        }
        return table.text
    }

    private static func column(_ grant: KeyGrant) -> String {
        let ids = grant.profileNames
        return ids.count == 1 ? ids[0] : "\(ids[0]) +\(ids.count - 1)"
    }

    static func document(_ entries: [KeyEntry], at now: Timestamp) -> String {
        var document = JSONObjectText()
        document.add(
            "keys",
            entries.map { entry in
                var object = entry.object
                object.add("state", entry.state(at: now).rawValue)
                object.add("ageInDays", days(from: entry.createdAt, to: now))
                object.add("daysLeft", daysLeft(entry, at: now))
                return object
            }
        )
        return document.text
    }

    /// `nil` for one that has no end; 0 on the last day, and afterwards.
    private static func daysLeft(_ entry: KeyEntry, at now: Timestamp) -> Int? {
        if entry.revokedAt != nil { return 0 }
        return entry.expiresAt.map { max(0, days(from: now, to: $0)) }
    }

    /// Whole ones.
    private static func days(from begin: Timestamp, to end: Timestamp) -> Int {
        Int(((end - begin).seconds / 86_400).rounded(.down))
    }
}
