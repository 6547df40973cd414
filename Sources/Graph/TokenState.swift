import Foundation
package import NIOCore
package import Settings
package import Transport

/// When a profile's token began and ends, as shown: tells one token from the next without keeping either.
struct TokenTimes: Sendable, Equatable {
    var createdAt: Timestamp?
    var expiresAt: Timestamp?

    init(createdAt: Timestamp?, expiresAt: Timestamp?) {
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    init(_ state: TokenState) { self.init(createdAt: state.createdAt, expiresAt: state.expiresAt) }
}

/// What a profile shows of its enrollment token: that of its most recently created one.
package struct TokenState: Sendable {
    package var value: Secret?
    /// Device-owner profiles only.
    package var createdAt: Timestamp?
    package var expiresAt: Timestamp?

    package init(value: Secret? = nil, createdAt: Timestamp? = nil, expiresAt: Timestamp? = nil) {
        self.value = value
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// The properties that ``init(decoding:)`` reads, for `$select`.
    static func selection(for kind: ProfileKind) -> String {
        kind.hasCreationTime
            ? "id,tokenValue,tokenCreationDateTime,tokenExpirationDateTime" : "id,tokenValue,tokenExpirationDateTime"
    }

    /// Decodes a profile. Every property may be absent or null, unknown ones are ignored; `nil` if it is no JSON object.
    package init?(decoding body: ByteBuffer) {
        struct Profile: Decodable {
            var id: LenientText?
            var tokenValue: LenientText?
            var tokenCreationDateTime: LenientText?
            var tokenExpirationDateTime: LenientText?
        }
        var body = body
        guard let profile = try? decodeGraphJSON(Profile.self, from: &body), profile.id != nil else { return nil }
        self.init(
            value: profile.tokenValue?.text.flatMap { $0.isEmpty ? nil : Secret($0) },
            createdAt: profile.tokenCreationDateTime?.text.flatMap { Timestamp(iso8601: $0) },
            expiresAt: profile.tokenExpirationDateTime?.text.flatMap { Timestamp(iso8601: $0) }
        )
    }

    /// When it was created: shown, or counted back from its end.
    func creation(living validity: Duration) -> Timestamp? { createdAt ?? expiresAt.map { $0 - validity } }

    /// Whether both are states of the same token, all that is known of it considered.
    package func isSameToken(as other: TokenState) -> Bool {
        let mine: String? = value?.reveal { $0 }
        let others: String? = other.value?.reveal { $0 }
        return mine == others && createdAt == other.createdAt && expiresAt == other.expiresAt
    }
}
