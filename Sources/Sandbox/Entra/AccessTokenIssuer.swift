import JWTKit

/// Signs access tokens and checks the signatures of those that come back.
struct AccessTokenIssuer: Sendable {
    /// Entra dates a token back by so much, for clocks that are behind.
    static let backdating: Int64 = 300

    let key: SigningKey
    private let keys: JWTKeyCollection

    init(key: SigningKey) async {
        self.key = key
        keys = await JWTKeyCollection().add(rsa: key.privateKey, digestAlgorithm: .sha256, kid: .init(string: key.id))
    }

    /// The issuer of version 1.0 tokens.
    static func issuer(tenantID: String) -> String { "https://sts.windows.net/\(tenantID)/" }

    func issue(for audience: String, tenant: SandboxTenant, at now: SandboxInstant, lifetime: Int) async throws
        -> String
    {
        let seconds = now.secondsSince1970
        let claims = AccessTokenClaims(
            aud: audience,
            iss: Self.issuer(tenantID: tenant.id),
            iat: seconds - Self.backdating,
            nbf: seconds - Self.backdating,
            exp: seconds + Int64(lifetime),
            appDisplayName: "Enrollment gateway",
            appid: tenant.clientID,
            appidacr: "1",
            idp: Self.issuer(tenantID: tenant.id),
            idtyp: "app",
            oid: tenant.servicePrincipalID,
            roles: tenant.roles.isEmpty ? nil : tenant.roles,
            sub: tenant.servicePrincipalID,
            tid: tenant.id,
            uti: Base64.url((0..<16).map { _ in UInt8.random(in: .min ... .max) }),
            ver: "1.0"
        )
        return try await keys.sign(claims, kid: .init(string: key.id), header: ["x5t": .string(key.id)])
    }

    /// The claims of a token that this sandbox's key signed.
    ///
    /// - Throws: jwt-kit's error when it is not a JSON Web Token, or not ours.
    func claims(of token: String) async throws -> AccessTokenClaims {
        try await keys.verify(token, as: AccessTokenClaims.self)
    }
}
