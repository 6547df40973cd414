package import Settings
package import Transport

/// The keys that are in force, to be asked for the caller that a key belongs to.
///
/// It never changes: who reloads makes another. An answer takes one digest, one search and two comparisons, whatever was
/// presented.
package final class KeyRing: Sendable {
    /// A longer text is not looked at.
    package static let longestKey = 512

    private struct Place: Sendable {
        var entry: KeyEntry
        var bucket: CallerBucket
    }

    private struct Single: Sendable {
        var digest: KeyDigest
        var caller: Caller
    }

    private let index: KeyIndex
    /// In the order of the entries.
    private let places: [Place]
    private let single: Single?
    /// Of no key: what a text is compared with where there is no single key.
    private let decoy = KeyDigest.random()
    /// By the caller's name.
    private let buckets: [String: CallerBucket]

    /// - Parameters:
    ///   - entries: each id at most once.
    ///   - single: a key without an id, with every right.
    ///   - predecessor: the ring that this one replaces; what its callers have used up stays used up.
    package init(_ entries: [KeyEntry], single: SingleKey? = nil, replacing predecessor: KeyRing? = nil) {
        var buckets: [String: CallerBucket] = [:]
        var places: [Place] = []
        places.reserveCapacity(entries.count)
        for entry in entries {
            let bucket = buckets[entry.caller] ?? predecessor?.buckets[entry.caller] ?? CallerBucket()
            buckets[entry.caller] = bucket
            places.append(Place(entry: entry, bucket: bucket))
        }
        index = KeyIndex(entries)
        let rates = Dictionary(grouping: entries, by: \.caller).mapValues { Set($0.compactMap(\.rate)) }
        for (caller, bucket) in buckets { bucket.hold(rates[caller] ?? []) }
        self.buckets = buckets
        self.places = places
        self.single = single.map { single in
            let caller = Caller(
                name: SingleKey.callerName,
                keyID: nil,
                grant: .everything,
                rate: nil,
                bucket: CallerBucket()
            )
            return Single(digest: single.digest, caller: caller)
        }
    }

    /// Why a text opens nothing. All but the first two are known of those alone who hold the key itself.
    package enum Refusal: Error, Sendable, Equatable {
        /// There is no such key.
        case unknown
        /// It looks like a key in which a character is wrong or missing.
        case damaged
        case notYetValid(Holder, from: Timestamp)
        case expired(Holder, at: Timestamp)
        case revoked(Holder)

        /// Whose key it is, where it is one: for the log, so that it shows who goes on using a key that has ended.
        package var holder: Holder? {
            switch self {
            case .unknown, .damaged: nil
            case .notYetValid(let holder, _), .expired(let holder, _), .revoked(let holder): holder
            }
        }
    }

    /// Whose key it was that is not in force.
    package struct Holder: Sendable, Equatable {
        package var caller: String
        package var keyID: KeyID
    }

    /// The caller that a key belongs to.
    ///
    /// - Throws: why there is none. How long that takes depends on the text's length alone.
    package func caller(presenting key: String, at now: Timestamp) throws(Refusal) -> Caller {
        guard key.utf8.count <= Self.longestKey else { throw .unknown }
        let text = Array(key.utf8)
        let digest = KeyDigest(of: text)
        let shape = APIKey.shape(of: text)
        let id: KeyID? = if case .key(let id) = shape { id } else { nil }
        let position = index.position(of: id, digest)
        let isSingle = digest.matches(single?.digest ?? decoy)
        if let position { return try caller(of: places[position], at: now) }
        if isSingle, let single { return single.caller }
        throw shape == .damaged ? .damaged : .unknown
    }

    private func caller(of place: Place, at now: Timestamp) throws(Refusal) -> Caller {
        let entry = place.entry
        let holder = Holder(caller: entry.caller, keyID: entry.id)
        switch entry.state(at: now) {
        case .live: break
        case .notYetValid: throw .notYetValid(holder, from: entry.notBefore ?? now)
        case .expired: throw .expired(holder, at: entry.expiresAt ?? now)
        case .revoked: throw .revoked(holder)
        }
        return Caller(
            name: entry.caller,
            keyID: entry.id,
            grant: entry.grant,
            rate: entry.rate,
            bucket: place.bucket
        )
    }
}

/// One key with every right: the simplest set-up.
package struct SingleKey: Sendable {
    /// A shorter key could be guessed.
    package static let leastLength = 16
    /// What its caller is called.
    package static let callerName = "default"

    let digest: KeyDigest

    package init(_ key: Secret) { digest = key.reveal { KeyDigest(of: Array($0.utf8)) } }
}
