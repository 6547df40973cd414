import HTTPTypes

/// A request's query, taken strictly: only parameters that the operation has, each at most once.
struct RequestQuery {
    private var values: [String: String] = [:]

    /// - Throws: ``GatewayError`` `request-invalid` naming what is wrong.
    init(_ query: String?, allowing names: Set<String>) throws(GatewayError) {
        guard let query, !query.isEmpty else { return }
        for pair in query.split(separator: "&", omittingEmptySubsequences: true) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = Self.decoded(parts[0]), let value = parts.count == 2 ? Self.decoded(parts[1]) : "" else {
                throw .invalid("The query is not percent-encoded UTF-8.")
            }
            guard names.contains(name) else {
                let known = names.isEmpty ? "It takes none." : "It takes: \(names.sorted().joined(separator: ", "))."
                throw .invalid("This operation has no such query parameter. \(known)", member: InputName.safe(name))
            }
            guard values.updateValue(value, forKey: name) == nil else {
                throw .invalid("The query parameter is given more than once.", member: name)
            }
        }
    }

    subscript(_ name: String) -> String? { values[name] }

    /// The first parameter that looks like an API key, whatever the operation takes.
    static func keyName(in query: String?) -> String? {
        guard let query else { return nil }
        for pair in query.split(separator: "&") {
            let name = pair.prefix { $0 != "=" }
            guard let decoded = decoded(name) else { continue }
            let bare = decoded.lowercased().filter { $0 != "-" && $0 != "_" }
            if bare == "xapikey" || bare == "apikey" { return InputName.safe(decoded) }
        }
        return nil
    }

    /// Percent-decodes; `+` stands for itself, since nothing here is a form. `nil` where the result is no UTF-8, or an escape
    /// is cut short.
    private static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
                return nil
            }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        case 0x61...0x66: byte - 0x61 + 10
        default: nil
        }
    }
}

/// The name of an input, made safe to be shown back.
enum InputName {
    /// Of what is shown, in characters.
    static let longest = 64
    private static let ellipsis = "..."

    /// The name itself where it is short and plain; else what is left of it when everything else becomes `?`.
    static func safe(_ name: some StringProtocol) -> String {
        let isLong = name.unicodeScalars.count > longest
        let plain = name.unicodeScalars.prefix(isLong ? longest - ellipsis.count : longest).map { scalar -> Character in
            scalar.isASCII && (scalar.properties.isAlphabetic || "0123456789_-.".unicodeScalars.contains(scalar))
                ? Character(scalar) : "?"
        }
        return String(plain) + (isLong ? ellipsis : "")
    }
}
