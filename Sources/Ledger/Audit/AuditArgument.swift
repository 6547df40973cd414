package import Graph
import Settings
package import Transport

/// What cannot be looked for, and why, in a sentence.
package struct AuditArgumentFault: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// How many records are shown.
package enum AuditLimit: Sendable, Equatable {
    case all
    /// So many of the last ones.
    case last(Int)
}

/// Reads what somebody writes to say which records are looked for.
package enum AuditArgument {
    package static func limit(_ text: String) throws(AuditArgumentFault) -> AuditLimit {
        if text == "all" { return .all }
        guard let count = Int(text), count >= 0, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            throw AuditArgumentFault("Give how many of the last ones, or all.")
        }
        return .last(count)
    }

    package static func profile(_ text: String) throws(AuditArgumentFault) -> ProfileID {
        guard let id = ProfileID(text) else { throw AuditArgumentFault("A profile's id is a GUID of 36 characters.") }
        return id
    }

    /// How long ago, or a time (RFC 3339), or a date in UTC.
    package static func since(_ text: String, now: Timestamp) throws(AuditArgumentFault) -> Timestamp {
        if let duration = Duration(setting: text) {
            let time = now - duration
            // Records are no older than the first day of 1970, and nobody means one of then.
            guard time.secondsSince1970 > 0 else {
                throw AuditArgumentFault("That is longer ago than there are records.")
            }
            return time
        }
        guard let time = Timestamp(iso8601: text) ?? Timestamp(iso8601: text + "T00:00:00Z") else {
            throw AuditArgumentFault(
                "Give how long ago, such as 24h or 7d, or a time such as 2026-11-24T08:00:00Z, or a date such as 2026-11-24."
            )
        }
        guard time <= now else { throw AuditArgumentFault("That is in the future: nothing was accepted since.") }
        return time
    }
}
