extension ContractValue {
    /// As JSON for people: a member to a line.
    var indentedJSON: String {
        var json = ""
        write(to: &json, indent: "\n")
        return json
    }

    /// As JSON on one line, for a command.
    var shortJSON: String {
        var json = ""
        write(to: &json, indent: nil)
        return json
    }

    /// - Parameter indent: what begins a line; `nil` for no lines.
    private func write(to json: inout String, indent: String?) {
        switch self {
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &json, indent: indent) { member, json, indent in
                Self.write(member.name, to: &json)
                json += indent == nil ? ":" : ": "
                member.value.write(to: &json, indent: indent)
            }
        case .list(let elements):
            Self.write(elements, between: ("[", "]"), to: &json, indent: indent) { $0.write(to: &$1, indent: $2) }
        case .text(let text): Self.write(text, to: &json)
        case .number(let number): json += number
        case .flag(let flag): json += flag ? "true" : "false"
        case .null: json += "null"
        }
    }

    private static func write<Element>(
        _ elements: [Element],
        between ends: (open: String, close: String),
        to json: inout String,
        indent: String?,
        _ write: (Element, inout String, String?) -> Void
    ) {
        json += ends.open
        let inner = indent.map { $0 + "  " }
        for (index, element) in elements.enumerated() {
            if index > 0 { json += "," }
            json += inner ?? ""
            write(element, &json, inner)
        }
        if !elements.isEmpty { json += indent ?? "" }
        json += ends.close
    }

    private static func write(_ text: String, to json: inout String) {
        json += "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"": json += "\\\""
            case "\\": json += "\\\\"
            case "\n": json += "\\n"
            case "\t": json += "\\t"
            case "\0"..<" ": json += "\\u00" + (scalar.value < 16 ? "0" : "") + String(scalar.value, radix: 16)
            default: json.unicodeScalars.append(scalar)
            }
        }
        json += "\""
    }
}
