import Explanations
import TerminalText

/// Explanations for people, at a terminal.
enum ExplanationText {
    /// Everything about one code.
    static func full(_ explanation: Explanation, width: Int) -> String {
        var rows = [
            ("What it means", explanation.meaning), ("Who acts", explanation.actor.title),
            ("What to do", explanation.step),
            ("Seen in", explanation.area.place),
        ]
        if !explanation.aliases.isEmpty { rows.append(("Also", explanation.aliases.joined(separator: ", "))) }
        if explanation.area == .entra {
            let number = explanation.code.drop { !$0.isNumber }
            rows.append(("Microsoft on it", "https://login.microsoftonline.com/error?code=\(number)"))
        }
        return ([explanation.code, ""] + rows.flatMap { row($0, $1, width: width) }).joined(separator: "\n")
    }

    /// Each code with what it means.
    static func list(width: Int) -> String {
        let sections = Explanation.Area.allCases.map { area in
            let entries = Explanations.all(of: area).flatMap { entry -> [String] in
                let code = "  \(entry.code)"
                guard code.count < column else {
                    return [code] + WrappedText.lines(entry.meaning, width: width, first: blanks(column))
                }
                let first = code + blanks(column - code.count)
                return WrappedText.lines(entry.meaning, width: width, first: first)
            }
            return ([area.title, ""] + entries).joined(separator: "\n")
        }
        return sections.joined(separator: "\n\n")
            + "\n\nWho acts, and what to do: enrollment-gateway explain CODE"
    }

    /// What stands on standard error for a code that is none. The text is the operator's own, on their own terminal.
    static func unknown(_ text: String, near: [String]) -> String {
        let shown = String(
            text.unicodeScalars.prefix(60).filter { !$0.properties.isDefaultIgnorableCodePoint && $0.value >= 0x20 }
                .map(Character.init)
        )
        let hint =
            near.isEmpty
            ? "`enrollment-gateway explain --list` has all that are known."
            : "Did you mean: \(near.joined(separator: ", "))?"
        return "The code \"\(shown)\" is not known here. \(hint)"
    }

    private static let column = 28

    private static func row(_ name: String, _ text: String, width: Int) -> [String] {
        let label = "  \(name)"
        return WrappedText.lines(text, width: width, first: label + blanks(19 - label.count))
    }

    private static func blanks(_ count: Int) -> String { String(repeating: " ", count: max(0, count)) }
}
