import NIOCore

/// Reads one flat JSON object (RFC 8259) strictly, member by member.
///
/// Ours because no decoder at hand refuses what must be refused here: two members of one name, text after the object, a number
/// that was rounded. It never descends, so that depth costs nothing: a value that is no scalar ends the reading.
struct JSONObjectScanner {
    /// A member's value, as far as the operations need to tell values apart.
    enum Scalar: Equatable {
        /// `nil`: an integer that does not fit into 64 bits.
        case integer(Int?)
        case other
    }

    static let longestName = 256

    private let bytes: [UInt8]
    private var position = 0
    private var isFirst = true

    init(_ buffer: ByteBuffer) { bytes = Array(buffer.readableBytesView) }

    mutating func begin() throws(GatewayError) {
        if bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            throw .body("The body begins with a byte-order mark. Send UTF-8 without one.")
        }
        skipWhitespace()
        guard take("{") else { throw .body("The body has to be one JSON object.") }
    }

    /// The next member's name; its value has to be read before the next call. `nil` after the last.
    mutating func nextMember() throws(GatewayError) -> String? {
        skipWhitespace()
        if isFirst {
            isFirst = false
            if take("}") { return nil }
        } else {
            if take("}") { return nil }
            guard take(",") else { throw .body("The body is not valid JSON: a comma or a closing brace is missing.") }
            skipWhitespace()
        }
        guard take("\"") else { throw .body("The body is not valid JSON: a member's name is missing.") }
        let name = try string()
        skipWhitespace()
        guard take(":") else { throw .body("The body is not valid JSON: a colon is missing.") }
        skipWhitespace()
        return name
    }

    mutating func scalar(of member: String) throws(GatewayError) -> Scalar {
        guard let byte = peek else { throw .body("The body ends before the member's value.", member: member) }
        switch byte {
        case UInt8(ascii: "-"), 0x30...0x39: return number()
        case UInt8(ascii: "\""), UInt8(ascii: "{"), UInt8(ascii: "["), UInt8(ascii: "t"), UInt8(ascii: "f"),
            UInt8(ascii: "n"):
            return .other
        default: throw .body("The body is not valid JSON at the member's value.", member: member)
        }
    }

    mutating func end() throws(GatewayError) {
        skipWhitespace()
        guard position == bytes.count else { throw .body("There is text after the JSON object.") }
    }

    // MARK: Tokens

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while let byte = peek, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D { position += 1 }
    }

    /// `-?(0|[1-9][0-9]*)`; with a fraction, an exponent or a leading zero it is not an integer as written.
    private mutating func number() -> Scalar {
        let start = position
        while let byte = peek, (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte) {
            position += 1
        }
        guard endsValue else { return .other }
        let text = bytes[start..<position]
        let digits = text.first == UInt8(ascii: "-") ? text.dropFirst() : text
        guard !digits.isEmpty, digits.allSatisfy({ (0x30...0x39).contains($0) }),
            digits.count == 1 || digits.first != UInt8(ascii: "0")
        else { return .other }
        return .integer(Int(String(decoding: text, as: UTF8.self)))
    }

    /// Whether what comes next may follow a value: `60x` is no number, though it begins with one.
    private var endsValue: Bool {
        switch peek {
        case nil, 0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "}"): true
        default: false
        }
    }

    /// The rest of a string whose quotation mark has been taken.
    private mutating func string() throws(GatewayError) -> String {
        var content: [UInt8] = []
        while let byte = peek {
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: content, as: UTF8.self) else {
                    throw .body("The body is not valid UTF-8.")
                }
                return text
            case UInt8(ascii: "\\"):
                content += try escape()
            case ..<0x20:
                throw .body("The body is not valid JSON: a control character stands in a string.")
            default:
                content.append(byte)
            }
            guard content.count <= Self.longestName else { throw .body("A member's name in the body is too long.") }
        }
        throw .body("The body is not valid JSON: it ends inside a string.")
    }

    private mutating func escape() throws(GatewayError) -> [UInt8] {
        guard let byte = peek else { throw .body("The body is not valid JSON: it ends inside a string.") }
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"):
            let unit = try codeUnit()
            guard (0xD800...0xDFFF).contains(unit) else { return Array(String(Character(Unicode.Scalar(unit)!)).utf8) }
            guard unit < 0xDC00, take("\\"), take("u") else { throw .body("The body has half a surrogate pair.") }
            let low = try codeUnit()
            guard (0xDC00...0xDFFF).contains(low) else { throw .body("The body has half a surrogate pair.") }
            let scalar = 0x10000 + (UInt32(unit) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
            return Array(String(Character(Unicode.Scalar(scalar)!)).utf8)
        default: throw .body("The body is not valid JSON: there is no such escape.")
        }
    }

    private mutating func codeUnit() throws(GatewayError) -> UInt16 {
        guard position + 4 <= bytes.count,
            bytes[position..<position + 4].allSatisfy({
                (0x30...0x39).contains($0) || (0x41...0x46).contains($0 & 0xDF)
            }),
            let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
        else { throw .body("The body is not valid JSON: an escape is cut short.") }
        position += 4
        return unit
    }
}
