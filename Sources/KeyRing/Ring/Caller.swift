package import Graph

/// Who is calling, and what its key allows.
///
/// It is a proof: nothing but a ring that was shown the key makes one.
package struct Caller: Sendable {
    /// For the log and for labels: chosen by the operator, never by the caller.
    package let name: String
    /// `nil` for the one key that has no id.
    package let keyID: KeyID?
    package let grant: KeyGrant
    /// `nil` for a key without a rate.
    private let rate: CallerRate?
    private let bucket: CallerBucket

    init(name: String, keyID: KeyID?, grant: KeyGrant, rate: CallerRate?, bucket: CallerBucket) {
        self.name = name
        self.keyID = keyID
        self.grant = grant
        self.rate = rate
        self.bucket = bucket
    }

    /// The proof that it may do a thing with a profile.
    ///
    /// - Throws: why not.
    package func permit<Right: RightType>(
        _ right: Right.Type,
        on profile: ProfileReference
    ) throws(KeyGrant.Denial) -> ProfilePermit<Right> {
        try grant.check(Right.right, on: profile)
        return ProfilePermit(profile: profile, callerName: name, greatestValidity: grant.greatestValidity)
    }

    /// The proof that it may do a thing with those profiles of a kind that its key is for.
    ///
    /// - Throws: why not.
    package func permit<Right: RightType>(
        _ right: Right.Type,
        in kind: ProfileKind
    ) throws(KeyGrant.Denial) -> CollectionPermit<Right> {
        try grant.check(Right.right, in: kind)
        return CollectionPermit(kind: kind, callerName: name, profiles: grant.profiles)
    }

    /// What its key may ask for; `nil` for a key without a rate.
    package var keyRate: CallerRate? { rate }

    /// All rates that its keys have.
    package var rates: [CallerRate] { bucket.rates }

    /// Takes one permit of its rate; `nil` where it has none to keep to.
    package func takeQuota(at now: ContinuousClock.Instant) -> CallerBucket.Quota? {
        rate.map { bucket.take(at: now, $0) }
    }
}

/// The proof that a caller may do one thing with one profile. Only ``Caller/permit(_:on:)`` makes it.
package struct ProfilePermit<Right: RightType>: Sendable {
    package let profile: ProfileReference
    package let callerName: String
    /// In seconds; `nil` where the key sets no bound.
    package let greatestValidity: Int?

    fileprivate init(profile: ProfileReference, callerName: String, greatestValidity: Int?) {
        self.profile = profile
        self.callerName = callerName
        self.greatestValidity = greatestValidity
    }
}

/// The proof that a caller may do one thing with its profiles of one kind. Only ``Caller/permit(_:in:)`` makes it.
package struct CollectionPermit<Right: RightType>: Sendable {
    package let kind: ProfileKind
    package let callerName: String
    private let profiles: KeyGrant.Profiles

    fileprivate init(kind: ProfileKind, callerName: String, profiles: KeyGrant.Profiles) {
        self.kind = kind
        self.callerName = callerName
        self.profiles = profiles
    }

    /// Whether it holds for this profile.
    package func covers(_ profile: ProfileReference) -> Bool { profile.kind == kind && profiles.contains(profile.id) }
}
