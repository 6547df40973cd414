package import Settings
package import Transport

/// What is asked of Graph when a caller wants an enrollment token.
package struct TokenOrder: Sendable, Equatable {
    /// Checked before; Graph takes an Int32.
    package var validityInSeconds: Int
    /// The profile's present token is good enough where it has at least this long to live; `nil`: a new one in any case.
    package var reuseIfValidFor: Duration?
    /// Whether the token itself is wanted, not only the news of it.
    package var wantsRepresentation: Bool
    /// Who wants it: pacing is fair among callers.
    package var caller: String

    package init(
        validityInSeconds: Int,
        reuseIfValidFor: Duration? = nil,
        wantsRepresentation: Bool = false,
        caller: String = ""
    ) {
        self.validityInSeconds = validityInSeconds
        self.reuseIfValidFor = reuseIfValidFor
        self.wantsRepresentation = wantsRepresentation
        self.caller = caller
    }
}

/// What came of a ``TokenOrder``.
package enum TokenMinting: Sendable {
    case created(CreatedToken)
    /// Nothing was created: the profile's present token lives long enough.
    case present(ShownToken)

    package var attempts: [GraphAttempt] {
        switch self {
        case .created(let token): token.attempts
        case .present(let token): token.attempts
        }
    }
}

/// A token that Graph is known to have created.
package struct CreatedToken: Sendable {
    /// How it is known.
    package enum Evidence: String, Sendable {
        /// Graph answered 204.
        case answer
        /// The answer was lost or useless, and the profile shows the token.
        case readBack = "read-back"
    }

    /// The token itself.
    package enum Representation: Sendable {
        case complete(value: Secret, qrCodeContent: Secret?)
        /// The profile did not show it in time.
        case pending
        /// Another one has taken its place since, or it was revoked. Never of one that was just created.
        case replaced
    }

    package var createdAt: Timestamp
    package var expiresAt: Timestamp
    /// Graph's id of the request that created it, where its answer came through.
    package var graphRequestID: String?
    package var evidence: Evidence
    /// `nil` where it was not asked for.
    package var representation: Representation?
    package var attempts: [GraphAttempt]

    package init(
        createdAt: Timestamp,
        expiresAt: Timestamp,
        graphRequestID: String?,
        evidence: Evidence,
        representation: Representation? = nil,
        attempts: [GraphAttempt]
    ) {
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.graphRequestID = graphRequestID
        self.evidence = evidence
        self.representation = representation
        self.attempts = attempts
    }
}
