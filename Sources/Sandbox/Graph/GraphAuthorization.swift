import HTTPTypes

/// Whether a request to Graph carries a good access token (RFC 6750 §2.1), and what its roles allow.
struct GraphAuthorization: Sendable {
    let roles: Set<String>

    /// - Throws: Graph's 401.
    init(_ request: SandboxRequest, tenant: SandboxTenant, issuer: AccessTokenIssuer) async throws(GraphRefusal) {
        guard let field = request.head.headerFields[.authorization], field.lowercased().hasPrefix("bearer") else {
            throw .unauthenticated("Access token is empty.")
        }
        let token = String(field.dropFirst("bearer".count).drop { $0 == " " })
        guard !token.isEmpty else { throw .unauthenticated("Access token is empty.") }
        guard token.contains(".") else {
            throw .unauthenticated("IDX14100: JWT is not well formed, there are no dots (.).")
        }
        let claims: AccessTokenClaims
        do {
            claims = try await issuer.claims(of: token)
        } catch {
            throw GraphRefusal.unauthenticated("Access token validation failure. Invalid signature.")
        }
        try Self.check(claims, request, tenant: tenant)
        roles = Set(claims.roles ?? [])
    }

    private static func check(
        _ claims: AccessTokenClaims,
        _ request: SandboxRequest,
        tenant: SandboxTenant
    ) throws(GraphRefusal) {
        guard request.audiences.contains(claims.aud) else {
            throw .unauthenticated("Access token validation failure. Invalid audience.")
        }
        guard claims.tid == tenant.id, claims.iss == AccessTokenIssuer.issuer(tenantID: tenant.id) else {
            throw .unauthenticated("Access token validation failure. Invalid issuer.")
        }
        let now = request.now.secondsSince1970
        guard now < claims.exp else {
            throw .unauthenticated("Lifetime validation failed, the token is expired.")
        }
        guard now >= claims.nbf else {
            throw .unauthenticated("Lifetime validation failed, the token is not yet valid.")
        }
        try evaluate(claims, request, tenant: tenant)
    }

    /// Whether the token is still good, though it is in time: continuous access evaluation.
    private static func evaluate(
        _ claims: AccessTokenClaims,
        _ request: SandboxRequest,
        tenant: SandboxTenant
    ) throws(GraphRefusal) {
        let challenge: ClaimsChallenge
        if tenant.isLocationBlocked {
            challenge = .location(at: request.now)
        } else if let revocation = tenant.revocation, revocation.strikes(claims) {
            challenge = .revoked(at: revocation.moment)
        } else {
            return
        }
        throw claims.answersChallenges
            ? .challenged(challenge)
            : .unauthenticated("Lifetime validation failed, the token was revoked.")
    }

    /// - Throws: Intune's 403 when the token has none of `accepted`.
    func require(_ accepted: [String]) throws(GraphRefusal) {
        guard !roles.isDisjoint(with: accepted) else { throw .forbidden(accepted) }
    }
}
