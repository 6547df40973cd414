import Foundation
import NIOCore
import NIOFoundationCompat
import Settings
import Transport

/// Decodes a JSON document of Graph's; a byte-order mark in front is skipped.
func decodeGraphJSON<Value: Decodable>(_ type: Value.Type, from body: inout ByteBuffer) throws -> Value {
    if body.readableBytesView.starts(with: [0xEF, 0xBB, 0xBF]) { body.moveReaderIndex(forwardBy: 3) }
    return try JSONDecoder().decode(type, from: Data(buffer: body))
}

/// A member that should be a text. Numbers become one; anything else is none, and spoils nothing around it.
struct LenientText: Decodable {
    var text: String?

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self.text = text
        } else if let number = try? container.decode(Decimal.self) {
            text = number.description
        }
    }
}

/// An object's members as texts; anything else has none, and spoils nothing around it.
struct LenientMembers: Decodable {
    var texts: [String: LenientText]

    init(from decoder: any Decoder) throws {
        texts = (try? decoder.singleValueContainer().decode([String: LenientText].self)) ?? [:]
    }
}

extension LenientText {
    /// What must not be shown; nothing where the text is empty.
    var secret: Secret? { text.flatMap { $0.isEmpty ? nil : Secret($0) } }
    /// ISO 8601 with any fraction and zone.
    var time: Timestamp? { text.flatMap { Timestamp(iso8601: $0) } }
}

/// OData has binary as base64url (OData JSON Format 4.01, §7.1), Microsoft's services send the standard alphabet: either is taken,
/// with or without padding.
enum AnyBase64 {
    static func bytes(_ text: String) -> [UInt8]? {
        var standard = text.filter { !$0.isWhitespace }
            .replacing("-", with: "+").replacing("_", with: "/")
        while standard.hasSuffix("=") { standard.removeLast() }
        standard += String(repeating: "=", count: (4 - standard.utf8.count % 4) % 4)
        return Data(base64Encoded: standard).map { [UInt8]($0) }
    }
}
