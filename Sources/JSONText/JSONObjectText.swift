/// Writes a small JSON object, its members in the order in which they are added; absent values leave no member.
package struct JSONObjectText: Sendable {
    /// All but the last brace.
    private var content: [UInt8] = []

    /// - Parameter bytes: how long it will be, about.
    package init(reserving bytes: Int = 0) {
        if bytes > 0 { content.reserveCapacity(bytes) }
        content.append(UInt8(ascii: "{"))
    }

    package var text: String { String(decoding: bytes, as: UTF8.self) }

    /// The text in UTF-8.
    package var bytes: [UInt8] { content + [UInt8(ascii: "}")] }

    /// The text in UTF-8, without a copy of it.
    package consuming func finished() -> [UInt8] {
        content.append(UInt8(ascii: "}"))
        return content
    }

    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        let (nameBytes, valueBytes) = (name.utf8.span, value.utf8.span)
        guard Self.isPlain(nameBytes), Self.isPlain(valueBytes) else {
            begin(name)
            Self.append(value, to: &content)
            return
        }
        // The most frequent case by far, in one piece.
        let isFirst = content.count == 1
        content.append(addingCapacity: nameBytes.count + valueBytes.count + Self.marks) { content in
            if !isFirst { content.append(UInt8(ascii: ",")) }
            content.append(UInt8(ascii: "\""))
            for index in nameBytes.indices { content.append(nameBytes[index]) }
            content.append(UInt8(ascii: "\""))
            content.append(UInt8(ascii: ":"))
            content.append(UInt8(ascii: "\""))
            for index in valueBytes.indices { content.append(valueBytes[index]) }
            content.append(UInt8(ascii: "\""))
        }
    }

    /// A comma, a colon, and the quotation marks of a name and a text.
    private static let marks = 6

    package mutating func add(_ name: String, _ value: Int?) {
        guard let value else { return }
        begin(name)
        content += String(value).utf8
    }

    /// JSON has no number for what is not finite: that is `"NaN"`, `"Infinity"` or `"-Infinity"`, as Protobuf's mapping has it.
    package mutating func add(_ name: String, _ value: Double) {
        guard value.isFinite else {
            return add(name, value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        }
        begin(name)
        content += "\(value)".utf8
    }

    package mutating func add(_ name: String, _ value: JSONObjectText) {
        begin(name)
        content += value.bytes
    }

    package mutating func add(_ name: String, _ values: [JSONObjectText]) {
        begin(name)
        content += "[".utf8
        content += values.map(\.bytes).joined(separator: ",".utf8)
        content += "]".utf8
    }

    package mutating func add(_ name: String, _ value: Bool) {
        begin(name)
        content += (value ? "true" : "false").utf8
    }

    package mutating func add(_ name: String, _ values: [String]) {
        begin(name)
        content += "[".utf8
        for (index, value) in values.enumerated() {
            if index > 0 { content.append(UInt8(ascii: ",")) }
            Self.append(value, to: &content)
        }
        content += "]".utf8
    }

    private mutating func begin(_ name: String) {
        if content.count > 1 { content.append(UInt8(ascii: ",")) }
        Self.append(name, to: &content)
        content.append(UInt8(ascii: ":"))
    }

    /// RFC 8259 §7: quotation mark, reverse solidus and control characters are escaped. So are those that it leaves alone but
    /// a line reader or a terminal does not: DEL, C1 (U+0080 to U+009F), and the separators U+2028 and U+2029.
    private static func append(_ text: String, to content: inout [UInt8]) {
        content.append(UInt8(ascii: "\""))
        if isPlain(text.utf8.span) {
            content += text.utf8
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &content) }
        }
        content.append(UInt8(ascii: "\""))
    }

    /// Whether it may stand there as it is.
    private static func isPlain(_ bytes: Span<UInt8>) -> Bool {
        for index in bytes.indices {
            let byte = bytes[index]
            guard byte >= 0x20, byte != 0x22, byte != 0x5C, byte < 0x7F else { return false }
        }
        return true
    }

    private static func append(_ scalar: Unicode.Scalar, to content: inout [UInt8]) {
        switch scalar {
        case "\"": content += "\\\"".utf8
        case "\\": content += "\\\\".utf8
        case "\n": content += "\\n".utf8
        case "\r": content += "\\r".utf8
        case "\t": content += "\\t".utf8
        case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            content += ("\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits).utf8
        default: content += UTF8.encode(scalar)!
        }
    }
}
