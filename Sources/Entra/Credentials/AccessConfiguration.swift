package import Logging
package import Settings
package import Transport

/// How the gateway comes to access tokens, as the operator configured it.
package struct AccessConfiguration: Sendable {
    /// An app registration in a tenant.
    package struct Application: Sendable {
        package var tenant: TenantID
        package var client: ClientID
    }

    package enum Means: Sendable {
        case stored(StoredCredential, Application)
        case workloadIdentity(FederatedTokenFile, Application)
        case managedIdentity(ManagedIdentity)
    }

    package let authority: UpstreamURL
    package let scope: TokenScope
    package let means: Means
    /// Whether the gateway says that it answers claims challenges; never for a managed identity.
    package let answersClaimsChallenges: Bool
    /// Settings of other credentials, which are given too and not used.
    package let unused: [String]

    init(
        authority: UpstreamURL,
        scope: TokenScope,
        means: Means,
        answersClaimsChallenges: Bool = false,
        unused: [String] = []
    ) {
        self.authority = authority
        self.scope = scope
        self.means = means
        self.answersClaimsChallenges = answersClaimsChallenges
        self.unused = unused
    }

    /// By a client secret that stays what it is, for a sandbox.
    package init(authority: UpstreamURL, tenant: TenantID, client: ClientID, scope: TokenScope, secret: Secret) {
        self.init(
            authority: authority,
            scope: scope,
            means: .stored(StoredCredential(secret: secret), Application(tenant: tenant, client: client))
        )
    }

    package var application: Application? {
        switch means {
        case .stored(_, let application), .workloadIdentity(_, let application): application
        case .managedIdentity: nil
        }
    }

    /// Where access tokens are asked for: Entra's token endpoint, or the managed identity's.
    package var endpoint: UpstreamURL {
        switch means {
        case .stored(_, let application), .workloadIdentity(_, let application):
            TenantID.tokenURL(of: application.tenant, at: authority)
        case .managedIdentity(let identity): identity.endpoint
        }
    }

    /// What is known of the credential before it was ever shown.
    package var facts: CredentialFacts {
        switch means {
        case .stored(let credential, _): credential.facts
        case .workloadIdentity(let file, _): CredentialFacts(kind: .workloadIdentity, origin: file.path)
        case .managedIdentity(let identity):
            CredentialFacts(kind: .managedIdentity, origin: identity.endpoint.description)
        }
    }

    /// Puts the credential to work.
    package func credential(
        transport: any HTTPTransport,
        clock: any MonotonicClock,
        logger: Logger
    ) -> CredentialInUse {
        switch means {
        case .stored(let stored, let application):
            let assertion = ClientAssertion(
                audience: endpoint.description,
                client: application.client.description,
                sendsChain: stored.sendsChain
            )
            let rotation = RotatingCredential(stored, assertion: assertion, clock: clock, logger: logger)
            return CredentialInUse(
                source: tokenEndpoint(application, rotation, transport, clock),
                rotation: rotation,
                watched: rotation,
                configured: facts
            )
        case .workloadIdentity(let file, let application):
            let credential = WorkloadIdentityCredential(file: file)
            return CredentialInUse(
                source: tokenEndpoint(application, credential, transport, clock),
                rotation: nil,
                watched: credential,
                configured: facts
            )
        case .managedIdentity(let identity):
            let source = ManagedIdentitySource(identity: identity, scope: scope, transport: transport, clock: clock)
            return CredentialInUse(source: source, rotation: nil, watched: nil, configured: facts)
        }
    }

    private func tokenEndpoint(
        _ application: Application,
        _ credential: any Credential,
        _ transport: any HTTPTransport,
        _ clock: any MonotonicClock
    ) -> TokenEndpoint {
        let configuration = EntraConfiguration(
            authority: authority,
            tenant: application.tenant,
            client: application.client,
            scope: scope,
            credential: credential,
            declaresClaimsChallenges: answersClaimsChallenges
        )
        return TokenEndpoint(configuration: configuration, transport: transport, clock: clock)
    }
}

/// The credential at work.
package struct CredentialInUse: Sendable {
    /// Where the ``TokenCache`` gets its tokens.
    package let source: any TokenGrantSource
    /// What may be replaced while the gateway runs.
    package let rotation: RotatingCredential?
    /// What a ``CredentialWatch`` is to watch.
    package let watched: (any WatchedCredential)?
    private let configured: CredentialFacts

    fileprivate init(
        source: any TokenGrantSource,
        rotation: RotatingCredential?,
        watched: (any WatchedCredential)?,
        configured: CredentialFacts
    ) {
        self.source = source
        self.rotation = rotation
        self.watched = watched
        self.configured = configured
    }

    /// How it stands now.
    package var facts: CredentialFacts { rotation?.facts ?? configured }
}
