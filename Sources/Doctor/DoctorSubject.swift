package import Graph
package import Transport

/// What the doctor examines: one configured tenant, and how the gateway would use it.
package struct DoctorSubject: Sendable {
    /// Who gives access tokens.
    package enum Issuer: Sendable, Equatable {
        /// - Parameter authority: the cloud's, without the tenant.
        case entra(authority: UpstreamURL, tenant: String, client: String)
        /// The platform's endpoint for managed identities; the client is that of a user-assigned one.
        case managedIdentity(endpoint: UpstreamURL, client: String?)
    }

    package var issuer: Issuer
    /// What is shown to the issuer, in words: `client secret`.
    package var credential: String
    /// When it ends by itself, where that is known.
    package var credentialEndsAt: Timestamp?
    package var graph: GraphConfiguration
    package var kind: ProfileKind
    /// The profile to read.
    package var profile: ProfileID?
    /// Whether one enrollment token is made on it.
    package var creates: Bool
    /// The shortest validity that there is.
    package var validityInSeconds: Int

    package init(
        issuer: Issuer,
        credential: String,
        credentialEndsAt: Timestamp? = nil,
        graph: GraphConfiguration,
        kind: ProfileKind,
        profile: ProfileID? = nil,
        creates: Bool = false,
        validityInSeconds: Int = 60
    ) {
        self.issuer = issuer
        self.credential = credential
        self.credentialEndsAt = credentialEndsAt
        self.graph = graph
        self.kind = kind
        self.profile = profile
        self.creates = creates
        self.validityInSeconds = validityInSeconds
    }
}

extension DoctorSubject.Issuer {
    /// In the middle of a sentence.
    package var name: String {
        switch self {
        case .entra: "Entra"
        case .managedIdentity: "the identity endpoint"
        }
    }

    /// As a title has it.
    var title: String {
        switch self {
        case .entra: "Entra"
        case .managedIdentity: "identity"
        }
    }

    package var url: UpstreamURL {
        switch self {
        case .entra(let authority, _, _): authority
        case .managedIdentity(let endpoint, _): endpoint
        }
    }

    /// The tenant, where it is configured.
    var tenant: String? {
        if case .entra(_, let tenant, _) = self { tenant } else { nil }
    }

    var client: String? {
        switch self {
        case .entra(_, _, let client): client
        case .managedIdentity(_, let client): client
        }
    }
}
