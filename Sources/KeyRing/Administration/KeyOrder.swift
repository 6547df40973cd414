package import Transport

/// What a new key is to be.
package struct KeyOrder: Sendable {
    package var caller: String
    package var grant: KeyGrant
    package var rate: CallerRate?
    package var notBefore: Timestamp?
    package var expiresAt: Timestamp?
    package var comment: String?

    package init(
        caller: String,
        grant: KeyGrant,
        rate: CallerRate? = nil,
        notBefore: Timestamp? = nil,
        expiresAt: Timestamp? = nil,
        comment: String? = nil
    ) {
        self.caller = caller
        self.grant = grant
        self.rate = rate
        self.notBefore = notBefore
        self.expiresAt = expiresAt
        self.comment = comment
    }
}

/// Why a change of the key ring makes no sense: a whole sentence for the operator.
package struct KeyOrderRefusal: Error, Sendable, Equatable, CustomStringConvertible {
    package var description: String

    package init(_ description: String) { self.description = description }
}

/// A key that was just made: the only moment at which it is known.
package struct NewKey: Sendable {
    package let key: APIKey
    package let entry: KeyEntry
}

extension KeyRingDocument {
    /// Adds a key.
    ///
    /// - Throws: ``KeyOrderRefusal`` for what nobody can want; the document is as it was then.
    package mutating func add(_ order: KeyOrder, at now: Timestamp) throws(KeyOrderRefusal) -> NewKey {
        try order.check(at: now)
        var key = APIKey.random()
        // One in a million millions, and then it must not be.
        while entries.contains(where: { $0.id == key.id }) { key = .random() }
        let entry = KeyEntry(
            id: key.id,
            caller: order.caller,
            digest: key.digest,
            lastFour: key.lastFour,
            grant: order.grant,
            rate: order.rate,
            createdAt: now.roundedDown,
            notBefore: order.notBefore,
            expiresAt: order.expiresAt,
            comment: order.comment
        )
        entries.append(entry)
        return NewKey(key: key, entry: entry)
    }

    /// Adds a key that may do what another may, and sets that one's end.
    ///
    /// - Parameters:
    ///   - overlap: how long both hold. An earlier end of the first one stays.
    ///   - expiresAt: the new one's end; left out, it lives as long as the first one was to live.
    /// - Throws: ``KeyOrderRefusal``; the document is as it was then.
    /// - Returns: the new key, and the first one as it is now.
    package mutating func rotate(
        _ id: KeyID,
        overlap: Duration,
        expiresAt: Timestamp? = nil,
        at now: Timestamp
    ) throws(KeyOrderRefusal) -> (new: NewKey, old: KeyEntry) {
        let index = try index(of: id)
        let old = entries[index]
        guard old.isUsable(at: now) else {
            throw KeyOrderRefusal(
                "The key \(id) is \(old.state(at: now).rawValue) already. Make a new one with `keys new`."
            )
        }
        // One whose time has not come goes on waiting for it.
        let notBefore = old.notBefore.flatMap { $0 > now ? $0 : nil }
        let lifetime = old.expiresAt.map { $0 - max(old.notBefore ?? old.createdAt, old.createdAt) }
        let new = try add(
            KeyOrder(
                caller: old.caller,
                grant: old.grant,
                rate: old.rate,
                notBefore: notBefore,
                expiresAt: expiresAt ?? lifetime.map { min(((notBefore ?? now) + $0).roundedDown, KeyRule.latest) },
                comment: old.comment
            ),
            at: now
        )
        let end = min((now + overlap).roundedDown, KeyRule.latest)
        if let begin = old.notBefore, begin >= end {
            // It would end before it begins, so it is not to begin at all.
            entries[index].revokedAt = now.roundedDown
        } else {
            entries[index].expiresAt = min(old.expiresAt ?? end, end)
        }
        return (new, entries[index])
    }

    /// Takes a key away, now and for good. It stays in the document, so that it is known when it ended.
    ///
    /// - Returns: the key as it is now, and whether it was in force until now.
    package mutating func revoke(_ id: KeyID, at now: Timestamp) throws(KeyOrderRefusal) -> (
        entry: KeyEntry, isNews: Bool
    ) {
        let index = try index(of: id)
        let isNews = entries[index].revokedAt == nil
        if isNews { entries[index].revokedAt = now.roundedDown }
        return (entries[index], isNews)
    }

    private func index(of id: KeyID) throws(KeyOrderRefusal) -> Int {
        guard let index = entries.firstIndex(where: { $0.id == id }) else {
            throw KeyOrderRefusal("There is no key \(id) in the key ring. `keys list` shows those that there are.")
        }
        return index
    }
}

extension KeyOrder {
    fileprivate func check(at now: Timestamp) throws(KeyOrderRefusal) {
        guard KeyEntry.isCallerName(caller) else {
            throw KeyOrderRefusal("A caller's name is \(KeyRule.callerName).")
        }
        guard !grant.rights.isEmpty else { throw KeyOrderRefusal("A key without any right opens nothing.") }
        guard grant.kinds != [] else { throw KeyOrderRefusal("A key without any kind of profile opens nothing.") }
        if case .some(let ids) = grant.profiles, ids.isEmpty {
            throw KeyOrderRefusal("A key without any profile opens nothing.")
        }
        if let expiresAt, expiresAt <= now {
            throw KeyOrderRefusal("The key would have ended at \(expiresAt.rfc3339), which is not in the future.")
        }
        guard expiresAt ?? now <= KeyRule.latest else {
            throw KeyOrderRefusal("The key would end after the year 9999. Without an end, it never ends.")
        }
        guard notBefore ?? now < KeyRule.latest else {
            throw KeyOrderRefusal("The key would not begin before the year 9999 is over.")
        }
        if let notBefore, let expiresAt, notBefore >= expiresAt {
            throw KeyOrderRefusal("The key would end at \(expiresAt.rfc3339), before it begins.")
        }
        if let comment, !KeyEntry.isComment(comment) {
            throw KeyOrderRefusal("There is a key in the comment, which is kept readable.")
        }
        if let comment, comment.utf8.count > KeyRingDocument.longestString {
            throw KeyOrderRefusal("A comment has \(KeyRingDocument.longestString) bytes at most.")
        }
    }
}

extension Timestamp {
    /// Without its fraction, as the document writes it.
    var roundedDown: Timestamp { Timestamp(secondsSince1970: secondsSince1970.rounded(.down)) }
}
