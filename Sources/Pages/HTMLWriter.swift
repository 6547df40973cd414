/// Writes HTML. Names of elements and attributes are the program's own; every text and value is escaped, so that what somebody has
/// chosen, a caller's name for example, is shown and is never markup.
package struct HTMLWriter: Sendable {
    package typealias Attributes = KeyValuePairs<StaticString, String>

    package private(set) var html = ""

    package init() {}

    package mutating func element(
        _ name: StaticString,
        _ attributes: Attributes,
        _ content: (inout HTMLWriter) -> Void
    ) {
        open(name, attributes)
        content(&self)
        html += "</\(name)>"
    }

    package mutating func element(_ name: StaticString, _ content: (inout HTMLWriter) -> Void) {
        element(name, [:], content)
    }

    package mutating func element(_ name: StaticString, _ attributes: Attributes, _ text: String) {
        element(name, attributes) { $0.text(text) }
    }

    package mutating func element(_ name: StaticString, _ text: String) { element(name, [:], text) }

    /// One that has no content and no end: `br`, `input`, `link`, `meta`.
    package mutating func void(_ name: StaticString, _ attributes: Attributes = [:]) { open(name, attributes) }

    /// One of SVG's without content: `circle`, `path`, `rect`. Inside of `svg`, and there alone, HTML takes the slash as its end.
    package mutating func shape(_ name: StaticString, _ attributes: Attributes) { open(name, attributes, end: "/>") }

    package mutating func text(_ text: String) {
        guard text.utf8.contains(where: Self.isSpecial) else {
            html += text
            return
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": html += "&amp;"
            case "<": html += "&lt;"
            case ">": html += "&gt;"
            case "\"": html += "&quot;"
            case "'": html += "&#39;"
            // HTML has no way to write it.
            case "\0": html += "\u{FFFD}"
            default: html.unicodeScalars.append(scalar)
            }
        }
    }

    /// A name that somebody has chosen, in whatever script: its marks of direction end with it.
    package mutating func name(_ name: String) { element("bdi", name) }

    /// What was written before by another one.
    package mutating func append(_ other: HTMLWriter) { html += other.html }

    private mutating func open(_ name: StaticString, _ attributes: Attributes, end: StaticString = ">") {
        html += "<\(name)"
        for (attribute, value) in attributes {
            html += " \(attribute)=\""
            text(value)
            html += "\""
        }
        html += "\(end)"
    }

    private static func isSpecial(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"), 0: true
        default: false
        }
    }
}
