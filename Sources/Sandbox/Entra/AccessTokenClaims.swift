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
    /// 1: the app proved itself with a secret.
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

    enum CodingKeys: String, CodingKey {
        case aud, iss, iat, nbf, exp
        case appDisplayName = "app_displayname"
        case appid, appidacr, idp, idtyp, oid, roles, sub, tid, uti, ver
    }

    /// The signature is all that is checked here: time and audience depend on the sandbox's clock and the request.
    func verify(using algorithm: some JWTAlgorithm) async throws {}
}
