import NIOCore
package import Settings

/// The body of a token request: `application/x-www-form-urlencoded` (RFC 6749 appendix B).
///
/// Every byte but letters, digits, `-`, `.` and `_` is percent-encoded, so no reader, strict or lax, can take one for
/// something else; a `+` above all, which would become a space.
package struct TokenForm: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    /// The body as it goes out. It may hold a secret: it is for the wire alone.
    private(set) var body = ByteBuffer()

    package init() {}

    package mutating func append(_ name: String, _ value: String) {
        if body.readableBytes > 0 { body.writeInteger(UInt8(ascii: "&")) }
        encode(name)
        body.writeInteger(UInt8(ascii: "="))
        encode(value)
    }

    package mutating func append(_ name: String, _ value: Secret) {
        value.reveal { append(name, $0) }
    }

    package var description: String { Secret.placeholder }
    package var debugDescription: String { Secret.placeholder }
    package var customMirror: Mirror { Mirror(self, children: [:], displayStyle: .struct) }

    private mutating func encode(_ text: String) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
                body.writeInteger(byte)
            default:
                body.writeInteger(UInt8(ascii: "%"))
                body.writeInteger(Self.digits[Int(byte >> 4)])
                body.writeInteger(Self.digits[Int(byte & 0xF)])
            }
        }
    }

    private static let digits = Array("0123456789ABCDEF".utf8)
}
