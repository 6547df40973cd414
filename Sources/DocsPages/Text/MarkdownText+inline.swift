extension MarkdownText {
    /// What stands in a line. Emphasis goes from mark to mark, also where letters stand directly beside it: Chinese has no blanks
    /// between words.
    static func inlines(_ text: Substring) throws(Unknown) -> [Inline] {
        var found: [Inline] = []
        var plain = ""
        var rest = text
        func flush() {
            if !plain.isEmpty { found.append(.text(plain)) }
            plain = ""
        }
        while let next = rest.first {
            if next == "`" {
                flush()
                found.append(.code(String(try take(from: &rest, between: "`").map { $0 == "\n" ? " " : $0 })))
            } else if rest.hasPrefix("**") {
                flush()
                found.append(.strong(try inlines(take(from: &rest, between: "**"))))
            } else if next == "*" {
                flush()
                found.append(.emphasis(try inlines(take(from: &rest, between: "*"))))
            } else {
                try checkPlain(rest, after: plain.last)
                plain.append(next)
                rest.removeFirst()
            }
        }
        flush()
        return found
    }

    private static func take(from rest: inout Substring, between mark: String) throws(Unknown) -> Substring {
        let content = rest.dropFirst(mark.count)
        guard let end = content.firstRange(of: mark), !end.isEmpty, end.lowerBound > content.startIndex else {
            throw Unknown(construct: String(rest.prefix(40)))
        }
        rest = content[end.upperBound...]
        return content[..<end.lowerBound]
    }

    /// Escapes, links, pictures, HTML, references, and emphasis by `_`.
    private static func checkPlain(_ rest: Substring, after previous: Character?) throws(Unknown) {
        let following = rest.dropFirst().first
        let isKnown =
            switch rest.first {
            case "\\": false
            case "[": !(rest.contains("](") || rest.contains("]["))
            case "<": following.map { !($0.isLetter || $0 == "/" || $0 == "!") } ?? true
            case "&": following.map { !($0.isLetter || $0 == "#") } ?? true
            case "_": previous.map { $0.isLetter || $0.isNumber } ?? false
            case "~": following != "~"
            default: true
            }
        if !isKnown { throw Unknown(construct: String(rest.prefix(40))) }
    }
}
