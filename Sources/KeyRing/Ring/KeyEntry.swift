package import Transport

/// One key, as the ring knows it: everything but the key.
package struct KeyEntry: Sendable {
    package var id: KeyID
    package var caller: String
    package var digest: KeyDigest
    /// What its owner tells it by.
    package var lastFour: String?
    package var grant: KeyGrant
    package var rate: CallerRate?
    package var createdAt: Timestamp
    package var notBefore: Timestamp?
    package var expiresAt: Timestamp?
    package var revokedAt: Timestamp?
    package var comment: String?

    package init(
        id: KeyID,
        caller: String,
        digest: KeyDigest,
        lastFour: String? = nil,
        grant: KeyGrant,
        rate: CallerRate? = nil,
        createdAt: Timestamp,
        notBefore: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil,
        comment: String? = nil
    ) {
        self.id = id
        self.caller = caller
        self.digest = digest
        self.lastFour = lastFour
        self.grant = grant
        self.rate = rate
        self.createdAt = createdAt
        self.notBefore = notBefore
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.comment = comment
    }

    /// Where a key is in its life.
    package enum State: String, Sendable, CaseIterable {
        case live
        case notYetValid = "not-yet-valid"
        case expired
        case revoked
    }

    package func state(at now: Timestamp) -> State {
        if revokedAt != nil { return .revoked }
        if let expiresAt, now >= expiresAt { return .expired }
        if let notBefore, now < notBefore { return .notYetValid }
        return .live
    }

    /// Whether it opens anything now or later.
    package func isUsable(at now: Timestamp) -> Bool {
        switch state(at: now) {
        case .live, .notYetValid: true
        case .expired, .revoked: false
        }
    }

    /// A caller's name: 1 to 64 characters out of ASCII letters, digits, `.`, `_` and `-`, the first a letter or a digit. It
    /// goes into logs and labels. The one of `API_KEY` is not to be had, and no key is a name.
    package static func isCallerName(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard text != SingleKey.callerName, !text.hasPrefix(APIKey.prefix) else { return false }
        guard (1...64).contains(bytes.count), let first = bytes.first, isLetterOrDigit(first) else { return false }
        return bytes.allSatisfy { isLetterOrDigit($0) || [0x2D, 0x2E, 0x5F].contains($0) }
    }

    /// A comment is read by many: there must be no key in it.
    package static func isComment(_ text: String) -> Bool { APIKey.masked(in: text) == text }

    private static func isLetterOrDigit(_ byte: UInt8) -> Bool { Base62.isDigit(byte) }
}
