/// A federated identity credential of the app: whose tokens stand for it.
package struct FederatedCredential: Sendable, Equatable {
    /// Whom a Kubernetes cluster would name for the gateway's service account.
    package static let defaultSubject = "system:serviceaccount:enrollment:gateway"
    /// What Entra proposes.
    package static let defaultAudience = "api://AzureADTokenExchange"

    /// nil: the sandbox's own issuer.
    package var issuer: String?
    package var subject: String
    package var audience: String

    package init(
        issuer: String? = nil,
        subject: String = defaultSubject,
        audience: String = defaultAudience
    ) {
        self.issuer = issuer
        self.subject = subject
        self.audience = audience
    }
}
