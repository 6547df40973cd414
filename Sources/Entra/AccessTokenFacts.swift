import Foundation
package import Settings

/// What an access token says about itself.
///
/// For diagnosis alone, and not verified: the token is Graph's to read, and may change its form at any time.
/// See Microsoft's page "Access tokens in the Microsoft identity platform".
package struct AccessTokenFacts: Sendable, Equatable {
    /// `aud`: whom it is for.
    package let audience: String?
    /// `tid`: the tenant that issued it.
    package let tenant: String?
    /// `appid` of version 1.0, `azp` of version 2.0: the app that it was issued to.
    package let application: String?
    /// `roles`: the application permissions that an administrator has granted.
    package let roles: [String]
    /// Whether ``roles`` is all there is: `false` where the token has roles in a form that is not known.
    package let showsRoles: Bool
    /// `exp`, in seconds since 1970.
    package let expiresAt: Int64?

    /// `nil` when the token is no JSON Web Token that can be read (RFC 7519).
    package init?(_ token: Secret) {
        guard let claims = token.reveal(Claims.init) else { return nil }
        audience = claims.aud
        tenant = claims.tid
        application = claims.appid ?? claims.azp
        roles = claims.roles ?? []
        showsRoles = claims.roles != nil || !claims.hasRoles
        expiresAt = claims.exp.map(Int64.init)
    }
}

private struct Claims: Decodable {
    let aud: String?
    let tid: String?
    let appid: String?
    let azp: String?
    let roles: [String]?
    let hasRoles: Bool
    let exp: Double?

    /// Reads the middle part of a compact JWS (RFC 7515 §7.1).
    init?(compact: String) {
        let parts = compact.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let data = Data(base64URL: parts[1]),
            let claims = try? JSONDecoder().decode(Claims.self, from: data)
        else { return nil }
        self = claims
    }

    enum CodingKeys: String, CodingKey { case aud, tid, appid, azp, roles, exp }

    /// Each member is taken if it has the right type; a token with others is no worse.
    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        aud = try? container.decode(String.self, forKey: .aud)
        tid = try? container.decode(String.self, forKey: .tid)
        appid = try? container.decode(String.self, forKey: .appid)
        azp = try? container.decode(String.self, forKey: .azp)
        roles = try? container.decode([String].self, forKey: .roles)
        hasRoles = container.contains(.roles)
        let seconds = try? container.decode(Double.self, forKey: .exp)
        exp = seconds.flatMap { (0...1e15).contains($0) ? $0 : nil }
    }
}

extension Data {
    /// Base64 of either alphabet, padded or not (RFC 4648 §§4, 5).
    init?(base64URL text: some StringProtocol) {
        let standard = String(text.map { $0 == "-" ? "+" : $0 == "_" ? "/" : $0 })
        self.init(base64Encoded: standard + String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4))
    }
}
