package import Settings

/// What the gateway shows Entra to get an access token.
///
/// A credential knows only what it adds to the form of a token request; asking, caching and repeating are not its business.
package protocol Credential: Sendable {
    /// What one token request shows. Asked for anew each time, so what it reads may have changed.
    ///
    /// - Throws: ``EntraError`` when there is nothing to show, for example because a file cannot be read.
    func proof() async throws(EntraError) -> CredentialProof

    /// Entra granted a token for `proof`.
    func accepted(_ proof: CredentialProof) async

    /// Entra refused the last of `shown`.
    ///
    /// - Parameter shown: everything that this token request has shown so far.
    /// - Returns: what it shows instead; `nil` when there is nothing that was not shown.
    func replacement(for shown: [CredentialProof], refused error: EntraError) async -> CredentialProof?

    /// The token request that showed `proof` came to nothing, and Entra said nothing of the credential.
    func failed(_ proof: CredentialProof, _ error: EntraError) async
}

extension Credential {
    package func accepted(_ proof: CredentialProof) async {}

    package func replacement(for shown: [CredentialProof], refused error: EntraError) async -> CredentialProof? { nil }

    package func failed(_ proof: CredentialProof, _ error: EntraError) async {}
}

/// The fields by which one token request proves who asks.
package struct CredentialProof: Sendable {
    /// Which of a credential's contents this shows; it grows with each that replaces another.
    package let generation: Int
    let fields: [(name: String, value: Secret)]

    /// A client secret in the form's body (RFC 6749 §2.3.1).
    package init(secret: Secret, generation: Int = 1) {
        self.generation = generation
        fields = [("client_secret", secret)]
    }

    /// A signed assertion in its place (RFC 7523 §2.2).
    package init(assertion: Secret, generation: Int = 1) {
        self.generation = generation
        fields = [
            ("client_assertion_type", Secret("urn:ietf:params:oauth:client-assertion-type:jwt-bearer")),
            ("client_assertion", assertion),
        ]
    }
}

/// A client secret that stays what it is.
package struct ClientSecretCredential: Credential {
    private let secret: Secret

    package init(_ secret: Secret) { self.secret = secret }

    package func proof() async throws(EntraError) -> CredentialProof {
        guard !secret.isEmpty else {
            throw EntraError(.refused, reason: .credentialInvalid, detail: "the client secret is empty")
        }
        return CredentialProof(secret: secret)
    }
}
