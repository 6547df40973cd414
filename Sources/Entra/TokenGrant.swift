import Foundation
package import NIOCore
import NIOFoundationCompat
package import Settings

/// What Entra's 200 grants: an access token and how long it lives (RFC 6749 §5.1).
package struct TokenGrant: Sendable {
    /// How long a token lives whose answer does not say so: short, since too long would mean calls with a dead one.
    static let defaultLifetime: Duration = .seconds(300)
    /// No lifetime is believed beyond this one.
    static let maximumLifetime: Duration = .seconds(24 * 3600)
    /// Entra's app-only tokens have some 2 KiB; a longer one than this would not pass as a header.
    static let maximumTokenBytes = 16 << 10

    package let value: Secret
    package let lifetime: Duration
    /// When Entra would like to see a renewal, counted like the life (`refresh_in`); `nil` where it does not say, or says
    /// something that lies beyond the life.
    package let refreshIn: Duration?

    /// Reads the body of a 200.
    ///
    /// - Throws: ``EntraError`` of the reason `malformed-answer`; its detail names the flaw and quotes nothing.
    package init(_ body: ByteBuffer) throws(EntraError) {
        guard body.readableBytes > 0 else { throw Self.malformed("its body is empty") }
        guard !body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) else {
            throw Self.malformed("it begins with a byte order mark")
        }
        let answer: Answer
        do {
            answer = try JSONDecoder().decode(Answer.self, from: body)
        } catch {
            throw Self.malformed("it is not a JSON object of the expected shape")
        }
        guard answer.tokenType?.lowercased() == "bearer" else { throw Self.malformed("its token_type is not Bearer") }
        guard Self.isSane(answer.accessToken) else {
            throw Self.malformed("its access_token is not printable ASCII of a sane length")
        }
        value = Secret(answer.accessToken)
        let lifetime = try Self.lifetime(answer.expiresIn)
        self.lifetime = lifetime
        refreshIn = answer.refreshIn.map { Duration.seconds($0.value) }.flatMap {
            $0 > .zero && $0 < lifetime ? $0 : nil
        }
    }

    private static func lifetime(_ expiresIn: Answer.Seconds?) throws(EntraError) -> Duration {
        guard let expiresIn else { return defaultLifetime }
        guard expiresIn.value >= 1 else { throw malformed("its expires_in is not positive") }
        return .seconds(min(expiresIn.value, maximumLifetime.components.seconds))
    }

    /// Whether `token` can stand in an `Authorization` header and nowhere beyond it (RFC 6750 §2.1).
    private static func isSane(_ token: String) -> Bool {
        (1...maximumTokenBytes).contains(token.utf8.count) && token.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F }
    }

    private static func malformed(_ flaw: String) -> EntraError {
        EntraError(.unavailable, reason: .malformedAnswer, detail: "the token endpoint answered 200, but \(flaw)")
    }
}

/// The members of the answer that matter here.
private struct Answer: Decodable {
    let tokenType: String?
    let accessToken: String
    let expiresIn: Seconds?
    let refreshIn: Seconds?

    enum CodingKeys: String, CodingKey {
        case tokenType = "token_type"
        case accessToken = "access_token"
        case expiresIn = "expires_in"
        case refreshIn = "refresh_in"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        tokenType = try container.decodeIfPresent(String.self, forKey: .tokenType)
        accessToken = try container.decode(String.self, forKey: .accessToken)
        expiresIn = try container.decodeIfPresent(Seconds.self, forKey: .expiresIn)
        // No more than a wish: an odd one must not cost the token.
        refreshIn = try? container.decodeIfPresent(Seconds.self, forKey: .refreshIn)
    }

    /// A number of seconds as v2.0 writes it, or as a numeric string, as older endpoints do. Fractions are cut off, and what
    /// is beyond 64 bits becomes the largest or smallest number.
    struct Seconds: Decodable {
        let value: Int64

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int64.self) {
                value = number
            } else if let number = try? container.decode(Double.self) {
                value = Int64(exactly: number.rounded(.towardZero)) ?? (number > 0 ? .max : .min)
            } else {
                let text = try container.decode(String.self)
                let digits = text.hasPrefix("-") ? text.dropFirst() : text[...]
                guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
                    throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a number of seconds")
                }
                value = Int64(text) ?? (text.hasPrefix("-") ? .min : .max)
            }
        }
    }
}
