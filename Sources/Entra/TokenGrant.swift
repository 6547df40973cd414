import Foundation
package import NIOCore
import NIOFoundationCompat
package import Settings
import Transport

/// What Entra's 200 grants: an access token and how long it lives (RFC 6749 §5.1).
package struct TokenGrant: Sendable {
    /// How long a token lives whose answer does not say so: short, since too long would mean calls with a dead one.
    static let defaultLifetime: Duration = .seconds(300)
    /// No lifetime is believed beyond this one.
    static let maximumLifetime: Duration = .seconds(24 * 3600)
    /// Entra's app-only tokens have some 2 KiB; a longer one than this would not pass as a header.
    static let maximumTokenBytes = 16 << 10

    /// A managed identity's token that lives this long is renewed at half its life.
    static let longLife: Duration = .seconds(2 * 3600)

    package let value: Secret
    package let lifetime: Duration
    /// When Entra would like to see a renewal, counted like the life (`refresh_in`); `nil` where it does not say, or says
    /// something that lies beyond the life.
    package private(set) var refreshIn: Duration?

    /// Reads the body of a 200.
    ///
    /// - Throws: ``EntraError`` of the reason `malformed-answer`; its detail names the flaw and quotes nothing.
    package init(_ body: ByteBuffer) throws(EntraError) {
        let answer = try Self.answer(body)
        self.init(answer.accessToken, lifetime: try Self.lifetime(answer.expiresIn?.value), refreshIn: answer.refreshIn)
    }

    /// Reads the body of a 200 of a managed identity's endpoint, which may say `expires_on`, in seconds since 1970, in the place of
    /// `expires_in`.
    ///
    /// The platform keeps such tokens for as long as a day, and hands out the same one until it ends. One that lives for two hours
    /// or more is renewed at half its life, as Microsoft's libraries do.
    ///
    /// - Parameter now: what the wall clock says.
    /// - Throws: as ``init(_:)``.
    init(managedIdentity body: ByteBuffer, at now: Timestamp) throws(EntraError) {
        let answer = try Self.answer(body)
        let seconds = answer.expiresIn?.value ?? answer.expiresOn.map { Self.seconds(from: now, to: $0.value) }
        let lifetime = try Self.lifetime(seconds)
        self.init(answer.accessToken, lifetime: lifetime, refreshIn: answer.refreshIn)
        if refreshIn == nil, lifetime >= Self.longLife { refreshIn = lifetime / 2 }
    }

    private init(_ token: String, lifetime: Duration, refreshIn: Answer.Seconds?) {
        value = Secret(token)
        self.lifetime = lifetime
        self.refreshIn = refreshIn.map { Duration.seconds($0.value) }.flatMap {
            $0 > .zero && $0 < lifetime ? $0 : nil
        }
    }

    private static func answer(_ body: ByteBuffer) throws(EntraError) -> Answer {
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
        return answer
    }

    private static func lifetime(_ seconds: Int64?) throws(EntraError) -> Duration {
        guard let seconds else { return defaultLifetime }
        guard seconds >= 1 else { throw malformed("its expires_in is not positive, or its expires_on has passed") }
        return .seconds(min(seconds, maximumLifetime.components.seconds))
    }

    private static func seconds(from now: Timestamp, to end: Int64) -> Int64 {
        Int64(min(max(Double(end) - now.secondsSince1970, -1), 1e9))
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
    let expiresOn: Seconds?
    let refreshIn: Seconds?

    enum CodingKeys: String, CodingKey {
        case tokenType = "token_type"
        case accessToken = "access_token"
        case expiresIn = "expires_in"
        case expiresOn = "expires_on"
        case refreshIn = "refresh_in"
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        tokenType = try container.decodeIfPresent(String.self, forKey: .tokenType)
        accessToken = try container.decode(String.self, forKey: .accessToken)
        expiresIn = try container.decodeIfPresent(Seconds.self, forKey: .expiresIn)
        // Only a managed identity's counts, where the other one is not there: see above.
        expiresOn = try? container.decodeIfPresent(Seconds.self, forKey: .expiresOn)
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
