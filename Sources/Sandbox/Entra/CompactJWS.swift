import CryptoExtras
import NIOCore

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A signed JSON Web Token in its compact form (RFC 7515 §7.1), taken apart, and not yet believed.
///
/// Its parts may be padded, which they are not to be (RFC 7515 §2): some of Microsoft's clients do it, and Entra takes them.
struct CompactJWS: Sendable {
    /// The signatures that Entra takes (RFC 7518 §3.3, §3.5).
    enum Algorithm: String {
        case ps256 = "PS256"
        case rs256 = "RS256"
    }

    let header: JSONValue
    let claims: JSONValue
    private let signed: Data
    private let signature: Data

    /// nil when it is not three parts of base64url, of which the first two are JSON objects.
    init?(_ text: String) {
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        guard parts.count == 3, let header = Self.object(parts[0]), let claims = Self.object(parts[1]),
            let signature = Base64.decodedURL(parts[2]), !signature.isEmpty
        else { return nil }
        self.header = header
        self.claims = claims
        self.signature = signature
        signed = Data("\(parts[0]).\(parts[1])".utf8)
    }

    private static func object(_ part: Substring) -> JSONValue? {
        guard let bytes = Base64.decodedURL(part), let value = JSONValue(parsing: ByteBuffer(bytes: bytes)),
            case .object = value
        else { return nil }
        return value
    }

    /// nil when it is none that Entra takes, `none` included.
    var algorithm: Algorithm? { header.text(of: "alg").flatMap(Algorithm.init) }

    /// Whether the type, where there is one, is that of a JSON Web Token.
    var hasGoodType: Bool {
        guard let type = header["typ"] else { return true }
        return type == "http://openid.net/specs/jwt/1.0" || header.text(of: "typ")?.uppercased() == "JWT"
    }

    func isSigned(by key: _RSA.Signing.PublicKey, _ algorithm: Algorithm) -> Bool {
        key.isValidSignature(
            _RSA.Signing.RSASignature(rawRepresentation: signature),
            for: signed,
            padding: algorithm == .ps256 ? .PSS : .insecurePKCS1v1_5
        )
    }

    /// The claims `nbf` and `exp`; nil where `exp` is missing, or one of them is no number.
    var life: TokenLife? {
        guard let end = claims.seconds(of: "exp") else { return nil }
        guard claims["nbf"] != nil else { return TokenLife(begin: nil, end: end) }
        return claims.seconds(of: "nbf").map { TokenLife(begin: $0, end: end) }
    }

    /// The claim `aud`: one text or several (RFC 7519 §4.1.3).
    var audiences: [String] {
        switch claims["aud"] {
        case .string(let audience): [audience]
        case .array(let audiences): audiences.compactMap(\.asText)
        default: []
        }
    }
}

/// When a token that a client shows begins and ends, in seconds since 1970.
struct TokenLife: Sendable, Equatable {
    /// Entra allows for clocks that differ by so much.
    static let leeway: Int64 = 300

    /// nil: from ever.
    var begin: Int64?
    var end: Int64

    func contains(_ now: SandboxInstant) -> Bool {
        let now = now.secondsSince1970
        return now < end &+ Self.leeway && now >= (begin ?? 0) &- Self.leeway
    }
}
