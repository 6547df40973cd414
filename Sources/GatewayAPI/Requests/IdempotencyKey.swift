import HTTPTypes

/// `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): what makes two requests one.
///
/// The draft has a quoted string (RFC 9651 §3.3.3); many clients send the bare text. Both are taken, and `"a"` is the same key as `a`.
enum IdempotencyKey {
    static let longest = 255

    /// - Returns: the key without its quotes; `nil` where there is none.
    /// - Throws: ``GatewayError`` `request-invalid` for several, and for what is no key.
    static func read(_ fields: HTTPFields) throws(GatewayError) -> String? {
        let presented = fields[values: .idempotencyKey]
        guard let text = presented.first else { return nil }
        guard presented.count == 1 else { throw invalid("Send one Idempotency-Key, not several.") }
        let bytes = Array(text.utf8)
        guard let key = bytes.first == UInt8(ascii: "\"") ? unquoted(bytes) : bare(bytes) else {
            throw invalid(
                "Idempotency-Key must be 1 to \(longest) visible ASCII characters, bare or as one quoted string; a UUID of your own is best."
            )
        }
        return key
    }

    private static func invalid(_ detail: String) -> GatewayError { .invalid(detail, member: "Idempotency-Key") }

    /// Neither blanks nor quotes nor commas: those are what a list or a broken quoted string is made of.
    private static func bare(_ bytes: [UInt8]) -> String? {
        let isKey = bytes.allSatisfy {
            (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: ",")
        }
        guard isKey, (1...longest).contains(bytes.count) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func unquoted(_ bytes: [UInt8]) -> String? {
        guard bytes.count >= 2, bytes.last == UInt8(ascii: "\"") else { return nil }
        var key: [UInt8] = []
        var rest = bytes.dropFirst().dropLast()
        while let byte = rest.popFirst() {
            switch byte {
            case UInt8(ascii: "\\"):
                guard let escaped = rest.popFirst(), escaped == UInt8(ascii: "\\") || escaped == UInt8(ascii: "\"")
                else {
                    return nil
                }
                key.append(escaped)
            case 0x20...0x7E where byte != UInt8(ascii: "\""): key.append(byte)
            default: return nil
            }
        }
        guard (1...longest).contains(key.count) else { return nil }
        return String(decoding: key, as: UTF8.self)
    }
}
