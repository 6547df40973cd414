import JWTKit

/// The claims of an app-only access token for Graph. Graph asks for tokens of version 1.0, whichever endpoint issues them:
/// the app is `appid`, and the issuer is `sts.windows.net`.
struct AccessTokenClaims: JWTPayload, Equatable {
    var aud: String
    var iss: String
    var iat: Int64
    var nbf: Int64
    var exp: Int64
    var appDisplayName: String
    var appid: String
    /// 1: the app proved itself with a secret; 2: with a certificate, or by an identity provider that it trusts.
    var appidacr: String
    var idp: String
    var idtyp: String
    var oid: String
    /// Missing when no app role was consented to.
    var roles: [String]?
    var sub: String
    var tid: String
    /// Tells one token from the next.
    var uti: String
    var ver: String
    /// What the client said that it can do; missing when it said nothing.
    var capabilities: [String]?
    /// The resource in Azure that is the managed identity, in the token of one.
    var resourceID: String?

    enum CodingKeys: String, CodingKey {
        case aud, iss, iat, nbf, exp
        case appDisplayName = "app_displayname"
        case appid, appidacr, idp, idtyp, oid, roles, sub, tid, uti, ver
        case capabilities = "xms_cc"
        case resourceID = "xms_mirid"
    }

    /// Whether the client answers claims challenges. Some of Microsoft's clients write `CP1`.
    var answersChallenges: Bool { capabilities?.contains { $0.lowercased() == "cp1" } ?? false }

    /// An identifier that nobody but the sandbox reads: the moment of the issue, since `iat` is dated back and whole seconds are too
    /// coarse to tell what came before a revocation, and random bytes.
    static func uniqueID(issuedAt now: SandboxInstant) -> String {
        let moment = UInt64(bitPattern: now.ticks)
        let bytes = (0..<8).map { UInt8(truncatingIfNeeded: moment >> (56 - 8 * UInt64($0))) }
        return Base64.url(bytes + (0..<8).map { _ in UInt8.random(in: .min ... .max) })
    }

    /// When it was issued, to the tick.
    var issuedAt: SandboxInstant? {
        guard let bytes = Base64.decodedURL(uti), bytes.count == 16 else { return nil }
        return SandboxInstant(ticks: Int64(bitPattern: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }))
    }

    /// The signature is all that is checked here: time and audience depend on the sandbox's clock and the request.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
