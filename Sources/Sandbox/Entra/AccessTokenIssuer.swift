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

    func issue(_ order: AccessTokenOrder, tenant: SandboxTenant, at now: SandboxInstant) async throws -> String {
        let seconds = now.secondsSince1970
        let notBefore = max(seconds - Self.backdating, min(order.notBefore ?? .min, seconds))
        let claims = AccessTokenClaims(
            aud: order.audience,
            iss: Self.issuer(tenantID: tenant.id),
            iat: notBefore,
            nbf: notBefore,
            exp: seconds + Int64(order.lifetime),
            appDisplayName: order.principal.name,
            appid: order.principal.clientID,
            appidacr: order.method.rawValue,
            idp: Self.issuer(tenantID: tenant.id),
            idtyp: "app",
            oid: order.principal.objectID,
            roles: tenant.roles.isEmpty ? nil : tenant.roles,
            sub: order.principal.objectID,
            tid: tenant.id,
            uti: AccessTokenClaims.uniqueID(issuedAt: now),
            ver: "1.0",
            capabilities: order.capabilities.isEmpty ? nil : order.capabilities,
            resourceID: order.principal.resourceID
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
