import Foundation
import Settings
import Transport

/// The JWT by which a certificate's holder asks for an access token (RFC 7523 §3; Microsoft's page "Microsoft identity platform
/// application authentication certificate credentials").
struct ClientAssertion {
    /// Entra's clock may be behind this machine's: an assertion that begins in its future is refused (AADSTS700024). `iat` goes
    /// back with `nbf`, since some servers refuse one that lies ahead.
    static let leeway: Duration = .seconds(60)
    /// One is made for each token request, so it need not live longer than the request takes and clocks differ.
    static let life: Duration = .seconds(300)

    /// The token endpoint's URL.
    var audience: String
    var client: String
    var sendsChain: Bool

    /// A compact JWS (RFC 7515 §7.1).
    func signed(by certificate: ClientCertificate, at now: Timestamp) throws -> Secret {
        let beginning = Int((now - Self.leeway).secondsSince1970)
        let payload = Payload(
            aud: audience,
            iss: client,
            sub: client,
            jti: GUID.random().description,
            nbf: beginning,
            iat: beginning,
            exp: Int((now + Self.life).secondsSince1970)
        )
        let header = Header(
            thumbprint: certificate.facts.sha256.hexadecimalBytes.base64URL,
            chain: sendsChain ? certificate.chain.map { Data($0).base64EncodedString() } : nil
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let input = try encoder.encode(header).base64URL + "." + encoder.encode(payload).base64URL
        return Secret(try input + "." + certificate.signature(of: input).base64URL)
    }

    private struct Header: Encodable {
        let alg = "PS256"
        let typ = "JWT"
        let thumbprint: String
        let chain: [String]?

        enum CodingKeys: String, CodingKey {
            case alg, typ
            case thumbprint = "x5t#S256"
            case chain = "x5c"
        }
    }

    private struct Payload: Encodable {
        let aud, iss, sub, jti: String
        let nbf, iat, exp: Int
    }
}

extension Data {
    /// Without padding (RFC 7515 §2).
    var base64URL: String {
        String(
            base64EncodedString().compactMap { (character: Character) -> Character? in
                switch character {
                case "+": "-"
                case "/": "_"
                case "=": nil
                default: character
                }
            }
        )
    }
}

extension String {
    fileprivate var hexadecimalBytes: Data {
        let digits = utf8.compactMap { UInt8(String(UnicodeScalar($0)), radix: 16) }
        return Data(stride(from: 0, to: digits.count - 1, by: 2).map { digits[$0] << 4 | digits[$0 + 1] })
    }
}
