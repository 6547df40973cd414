import Foundation

/// A GUID in its canonical text (RFC 9562 §4): lower case, with hyphens, without braces.
struct GUID: Sendable, Hashable, CustomStringConvertible {
    let description: String

    /// `nil` unless `text` is 32 hexadecimal digits in groups of 8-4-4-4-12.
    init?(_ text: some StringProtocol) {
        guard text.utf8.count == 36 else { return nil }
        for (index, byte) in text.utf8.enumerated() {
            switch index {
            case 8, 13, 18, 23: guard byte == UInt8(ascii: "-") else { return nil }
            default: guard Self.isHexadecimal(byte) else { return nil }
            }
        }
        description = text.lowercased()
    }

    private init(_ uuid: UUID) { description = uuid.uuidString.lowercased() }

    static func random() -> GUID { GUID(UUID()) }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }
}
