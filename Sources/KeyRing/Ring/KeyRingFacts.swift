import Logging
package import Transport

/// What there is to know of the keys in force, without one of them.
package struct KeyRingFacts: Sendable {
    /// From so long before its end on a key is near it.
    package static let nearEnd = Duration.seconds(14 * 86_400)

    package let entries: [KeyEntry]
    /// Whether `API_KEY` holds beside them.
    package let hasSingle: Bool
    /// Counted from 1; another one with each content that was put in force.
    package let generation: Int
    package let loadedAt: Timestamp
    /// Why the file, as it is now, is not what is in force.
    package internal(set) var fault: KeyRingFault?
    /// Of the content in force.
    private let fingerprint: KeyDigest?

    init(_ document: KeyRingDocument, hasSingle: Bool, generation: Int, at now: Timestamp) {
        entries = document.entries
        fingerprint = document.fingerprint
        self.hasSingle = hasSingle
        self.generation = generation
        loadedAt = now
    }

    /// Whether a document is what is in force already.
    func isOf(_ document: KeyRingDocument) -> Bool {
        guard let fingerprint, let other = document.fingerprint else { return false }
        return fingerprint.matches(other)
    }

    /// How many keys are in which state.
    package func count(_ state: KeyEntry.State, at now: Timestamp) -> Int {
        entries.count { $0.state(at: now) == state }
    }

    /// Live keys that are near their end.
    package func endingSoon(at now: Timestamp) -> [KeyEntry] {
        entries.filter { entry in
            guard let end = entry.expiresAt, entry.state(at: now) == .live else { return false }
            return end - now <= Self.nearEnd
        }
    }

    /// Whether any caller is let in, now or later.
    package func opensAnything(at now: Timestamp) -> Bool { hasSingle || entries.contains { $0.isUsable(at: now) } }

    func metadata(_ cause: LiveKeyRing.Cause) -> Logger.Metadata {
        [
            "keys.generation": "\(generation)",
            "keys.live": "\(count(.live, at: loadedAt))",
            "keys.total": "\(entries.count)",
            "keys.ending_soon": "\(endingSoon(at: loadedAt).count)",
            "cause": "\(cause.rawValue)",
        ]
    }
}
