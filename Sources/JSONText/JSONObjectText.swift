/// Writes a small JSON object, its members in the order in which they are added; absent values leave no member.
package struct JSONObjectText: Sendable {
    private var content = ""

    package init() {}

    package var text: String { "{" + content + "}" }

    package mutating func add(_ name: String, _ value: String?) {
        guard let value else { return }
        begin(name)
        Self.append(value, to: &content)
    }

    package mutating func add(_ name: String, _ value: Int?) {
        guard let value else { return }
        begin(name)
        content += String(value)
    }

    /// JSON has no number for what is not finite: that is `"NaN"`, `"Infinity"` or `"-Infinity"`, as Protobuf's mapping has it.
    package mutating func add(_ name: String, _ value: Double) {
        guard value.isFinite else {
            return add(name, value.isNaN ? "NaN" : value > 0 ? "Infinity" : "-Infinity")
        }
        begin(name)
        content += "\(value)"
    }

    package mutating func add(_ name: String, _ value: JSONObjectText) {
        begin(name)
        content += value.text
    }

    package mutating func add(_ name: String, _ values: [JSONObjectText]) {
        begin(name)
        content += "[" + values.map(\.text).joined(separator: ",") + "]"
    }

    package mutating func add(_ name: String, _ value: Bool) {
        begin(name)
        content += value ? "true" : "false"
    }

    package mutating func add(_ name: String, _ values: [String]) {
        begin(name)
        content += "["
        for (index, value) in values.enumerated() {
            if index > 0 { content += "," }
            Self.append(value, to: &content)
        }
        content += "]"
    }

    private mutating func begin(_ name: String) {
        if !content.isEmpty { content += "," }
        Self.append(name, to: &content)
        content += ":"
    }

    /// RFC 8259 §7: quotation mark, reverse solidus and control characters are escaped. So are those that it leaves alone but
    /// a line reader or a terminal does not: DEL, C1 (U+0080 to U+009F), and the separators U+2028 and U+2029.
    private static func append(_ text: String, to content: inout String) {
        content += "\""
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C && $0 < 0x7F }) {
            content += text
        } else {
            for scalar in text.unicodeScalars { append(scalar, to: &content) }
        }
        content += "\""
    }

    private static func append(_ scalar: Unicode.Scalar, to content: inout String) {
        switch scalar {
        case "\"": content += "\\\""
        case "\\": content += "\\\\"
        case "\n": content += "\\n"
        case "\r": content += "\\r"
        case "\t": content += "\\t"
        case "\u{0}"..<"\u{20}", "\u{7F}"..."\u{9F}", "\u{2028}", "\u{2029}":
            let digits = String(scalar.value, radix: 16)
            content += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        default: content.unicodeScalars.append(scalar)
        }
    }
}
