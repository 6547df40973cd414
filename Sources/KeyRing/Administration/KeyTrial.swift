package import Graph
package import Transport

/// What a key may do on a profile, and why not: what a caller would be told, with the reasons that only an operator hears.
package struct KeyTrial: Sendable {
    /// What came of one right.
    package struct Verdict: Sendable, Equatable {
        package var right: KeyRight
        /// `nil` where the key has it.
        package var refusal: String?
    }

    package let entry: KeyEntry
    package let state: KeyEntry.State
    package let verdicts: [Verdict]

    /// - Parameter profile: `nil` to leave the profile out of it.
    package init(
        _ entry: KeyEntry,
        on profile: ProfileReference?,
        rights: [KeyRight] = KeyRight.allCases,
        at now: Timestamp
    ) {
        self.entry = entry
        let state = entry.state(at: now)
        self.state = state
        verdicts = rights.map { right in
            Verdict(right: right, refusal: Self.refusal(entry, state, right, profile))
        }
    }

    package var isPartlyAllowed: Bool { verdicts.contains { $0.refusal == nil } }
    package var isWhollyAllowed: Bool { verdicts.allSatisfy { $0.refusal == nil } }

    private static func refusal(
        _ entry: KeyEntry,
        _ state: KeyEntry.State,
        _ right: KeyRight,
        _ profile: ProfileReference?
    ) -> String? {
        switch state {
        case .live: break
        case .revoked: return "it is revoked"
        case .expired: return "it has ended"
        case .notYetValid: return "its time has not come yet"
        }
        guard let profile else { return entry.grant.rights.contains(right) ? nil : "it does not have this right" }
        do {
            try entry.grant.check(right, on: profile)
            return nil
        } catch {
            switch error {
            case .right: return "it does not have this right"
            case .kind(let kind): return "it is not for profiles of the kind \(kind.rawValue)"
            case .profile: return "it is not for this profile"
            }
        }
    }
}
