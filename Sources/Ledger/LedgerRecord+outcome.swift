extension LedgerRecord {
    /// What of a request is known, in one word: what people read, look for and find in JSON.
    package enum Outcome: String, Sendable, CaseIterable, CustomStringConvertible {
        case created
        case revoked
        case reused
        case notCreated = "not-created"
        case notRevoked = "not-revoked"
        case unknown
        /// It is not known yet.
        case running

        package var description: String { rawValue }

        /// The records that have it, for a store to look for: those in one of these one or two states, and of this operation if there
        /// is one.
        package var meaning: (states: [State], operation: Operation?) {
            switch self {
            case .created: ([.created], nil)
            case .revoked: ([.revoked], nil)
            case .reused: ([.reused], nil)
            case .notCreated: ([.refused], .create)
            case .notRevoked: ([.refused], .revoke)
            case .unknown: ([.unknown], nil)
            case .running: ([.accepted, .sent], nil)
            }
        }
    }

    package var outcome: Outcome {
        switch (state, operation) {
        case (.accepted, _), (.sent, _): .running
        case (.created, _): .created
        case (.revoked, _): .revoked
        case (.reused, _): .reused
        case (.refused, .create): .notCreated
        case (.refused, .revoke): .notRevoked
        case (.unknown, _): .unknown
        }
    }
}
