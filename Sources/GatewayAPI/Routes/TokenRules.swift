package import Graph

/// What the operator has set for the tokens that callers may ask for.
package struct TokenRules: Sendable {
    /// A day.
    package static let defaultValidity = 86_400
    /// 90 days: the shortest of the limits that Intune documents for a kind of profile.
    package static let defaultGreatestValidity = 7_776_000
    /// 65 years: what Intune enforces for dedicated devices. Graph takes an Int32.
    package static let validityCeiling = 2_051_244_000
    /// Ten minutes: about what a device takes from its first screen to the scan, and a little more.
    package static let defaultExpiring = 600
    package static let leastValidity = CreateTokenBody.Bounds.least

    package var defaultKind: ProfileKind
    package var defaultValidityInSeconds: Int
    package var greatestValidityInSeconds: Int
    /// A token with less than this left is told to be expiring.
    package var expiringInSeconds: Int

    /// What holds where a caller asks for nothing.
    func defaultValidity(within keyBound: Int?) -> Int {
        min(defaultValidityInSeconds, bounds(of: keyBound).greatest)
    }

    /// - Parameter keyBound: what a caller's key sets, where it sets a bound.
    func bounds(of keyBound: Int?) -> CreateTokenBody.Bounds {
        .init(greatest: min(greatestValidityInSeconds, keyBound ?? .max))
    }

    package init(
        defaultKind: ProfileKind = .androidForWork,
        defaultValidityInSeconds: Int = Self.defaultValidity,
        greatestValidityInSeconds: Int = Self.defaultGreatestValidity,
        expiringInSeconds: Int = Self.defaultExpiring
    ) {
        self.defaultKind = defaultKind
        self.defaultValidityInSeconds = defaultValidityInSeconds
        self.greatestValidityInSeconds = greatestValidityInSeconds
        self.expiringInSeconds = expiringInSeconds
    }
}
