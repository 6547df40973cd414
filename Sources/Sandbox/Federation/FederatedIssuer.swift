import JWTKit

/// The sandbox's own identity provider, such as a Kubernetes cluster has one: its tokens stand for an app that trusts it.
struct FederatedIssuer: Sendable {
    /// Its key, which is not Entra's. Made at the first use in this process and shared by its sandboxes.
    static let key = Result { try SigningKey() }

    /// The claims of its tokens: those of a Kubernetes service account (RFC 7519 §4.1).
    private struct Claims: JWTPayload {
        var iss: String
        var sub: String
        var aud: [String]
        var iat: Int64
        var nbf: Int64
        var exp: Int64
        var jti: String

        func verify(using algorithm: some JWTAlgorithm) async throws {}
    }

    /// Its name in tokens, which is where it publishes its keys.
    let url: String

    init(_ address: SandboxAddress) { url = address.baseURL + "/_sandbox/issuer" }

    /// OpenID Connect Discovery 1.0 §3, as far as a relying party reads it.
    var discovery: JSONValue {
        [
            "issuer": .string(url),
            "jwks_uri": .string(url + "/keys"),
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        ]
    }

    /// RFC 7517.
    var keys: JSONValue {
        get throws { ["keys": [try Self.key.get().jwk]] }
    }

    /// - Parameter lifetime: in seconds; below 0 the token is out of time already.
    /// - Throws: an error of the cryptographic libraries.
    func token(subject: String, audience: String, lifetime: Int, at now: SandboxInstant) async throws -> String {
        let key = try Self.key.get()
        let seconds = now.secondsSince1970
        let end = seconds + Int64(lifetime)
        let begin = min(seconds, end)
        let claims = Claims(
            iss: url,
            sub: subject,
            aud: [audience],
            iat: begin,
            nbf: begin,
            exp: end,
            jti: SandboxRequest.newID()
        )
        let signer = await JWTKeyCollection().add(rsa: key.privateKey, digestAlgorithm: .sha256)
        return try await signer.sign(claims, kid: .init(string: key.id))
    }
}
