import Foundation
package import NIOCore
package import Settings
package import Transport

/// When a profile's token began and ends, as shown, and a hash of it: tells one token from the next without keeping either.
struct TokenTimes: Sendable, Equatable {
    var createdAt: Timestamp?
    var expiresAt: Timestamp?
    /// Differs from one run of the process to the next. Graph may leave fractions of seconds out, so that times alone can be the same.
    var valueHash: Int

    init(createdAt: Timestamp?, expiresAt: Timestamp?, valueHash: Int = Self.hash(of: nil)) {
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.valueHash = valueHash
    }

    init(_ state: TokenState) {
        self.init(createdAt: state.createdAt, expiresAt: state.expiresAt, valueHash: Self.hash(of: state.value))
    }

    static func hash(of value: Secret?) -> Int {
        guard let value else { return 0 }
        return value.reveal { $0.hashValue }
    }
}

/// What a profile shows of its enrollment token: that of its most recently created one.
package struct TokenState: Sendable {
    package var value: Secret?
    /// Device-owner profiles only.
    package var createdAt: Timestamp?
    package var expiresAt: Timestamp?
    /// Only where it was selected, like the next one.
    var qrCodeContent: Secret?
    var qrCodeImage: QRCodeImage?

    package init(value: Secret? = nil, createdAt: Timestamp? = nil, expiresAt: Timestamp? = nil) {
        self.value = value
        self.createdAt = createdAt
        self.expiresAt = expiresAt
    }

    /// Decodes a profile. Every property but its id may be absent or null, unknown ones are ignored; `nil` if it is no JSON object,
    /// or not that profile: something between us and Graph may mix answers up.
    package init?(decoding body: ByteBuffer, of profile: ProfileReference) {
        struct Profile: Decodable {
            var id: LenientText?
            var tokenValue: LenientText?
            var tokenCreationDateTime: LenientText?
            var tokenExpirationDateTime: LenientText?
            var qrCodeContent: LenientText?
            var qrCodeImage: LenientMembers?
        }
        var body = body
        guard let document = try? decodeGraphJSON(Profile.self, from: &body),
            document.id?.text.flatMap({ ProfileID($0) }) == profile.id
        else { return nil }
        self.init(
            value: document.tokenValue?.secret,
            createdAt: document.tokenCreationDateTime?.time,
            expiresAt: document.tokenExpirationDateTime?.time
        )
        qrCodeContent = document.qrCodeContent?.secret
        qrCodeImage = document.qrCodeImage?.texts["value"]?.text.flatMap { AnyBase64.bytes($0) }
            .flatMap { QRCodeImage(png: $0) }
    }

    /// All that tells it from another, and no more: what is kept is small, and no second copy of a secret.
    var withoutQRCode: TokenState { TokenState(value: value, createdAt: createdAt, expiresAt: expiresAt) }

    /// When it was created: shown, or counted back from its end.
    func creation(living validity: Duration) -> Timestamp? { createdAt ?? expiresAt.map { $0 - validity } }

    /// Whether both are states of the same token, all that is known of it considered.
    package func isSameToken(as other: TokenState) -> Bool {
        let mine: String? = value?.reveal { $0 }
        let others: String? = other.value?.reveal { $0 }
        return mine == others && createdAt == other.createdAt && expiresAt == other.expiresAt
    }
}

/// What of a profile's token is asked for. What is not needed does not travel.
package enum TokenSelection: Sendable {
    /// Value and times.
    case bare
    case withQRCode
    /// Also Graph's own picture of the code.
    case withPicture

    /// The properties, for `$select`. The Wi-Fi password is never among them; the QR code of a profile that has one carries it.
    func properties(of kind: ProfileKind) -> String {
        var names = ["id", "tokenValue"]
        if kind.hasCreationTime { names.append("tokenCreationDateTime") }
        names.append("tokenExpirationDateTime")
        if self != .bare { names.append("qrCodeContent") }
        if self == .withPicture { names.append("qrCodeImage") }
        return names.joined(separator: ",")
    }
}
