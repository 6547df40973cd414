package import Settings

/// What the gateway shows Entra to get an access token.
///
/// A credential knows only what it adds to the form of a token request; asking, caching and repeating are not its business.
package protocol Credential: Sendable {
    /// Adds the proof to the form of one token request. Called anew for each, so what it reads may have changed.
    ///
    /// - Throws: ``EntraError`` when there is nothing to show, for example because a file cannot be read.
    func authenticate(_ form: inout TokenForm) async throws(EntraError)
}

/// A client secret in the form's body (RFC 6749 §2.3.1).
package struct ClientSecretCredential: Credential {
    private let loadSecret: @Sendable () throws -> Secret

    package init(_ secret: Secret) { loadSecret = { secret } }

    /// - Parameter loadSecret: called for each token request, so that a rotated secret is found.
    package init(loadSecret: @escaping @Sendable () throws -> Secret) { self.loadSecret = loadSecret }

    package func authenticate(_ form: inout TokenForm) async throws(EntraError) {
        let secret: Secret
        do {
            secret = try loadSecret()
        } catch {
            // The error's own words are left out: they are another layer's, and may quote what was read.
            throw EntraError(
                .refused,
                reason: .credentialInvalid,
                detail: "the client secret could not be read: \(type(of: error))"
            )
        }
        guard !secret.isEmpty else {
            throw EntraError(.refused, reason: .credentialInvalid, detail: "the client secret is empty")
        }
        form.append("client_secret", secret)
    }
}
