import Explanations

/// The table as a document for people: `docs/errors.md`.
enum ErrorsDocument {
    private static let introduction = """
        # Codes

        What a code means, who must act, and what to do. `enrollment-gateway explain CODE` says the same at a terminal, and
        `enrollment-gateway doctor` finds out which of them it is. The tests write this page from the table that both use
        (`make errors`), and fail when it is another.

        *Caller* is the portal or script with the API key, *operator* who runs the gateway, *network* who runs the network
        between it and Microsoft.
        """

    static var text: String {
        var text = introduction + "\n"
        for area in Explanation.Area.allCases {
            text +=
                "\n## \(area.title)\n\n\(area.place)\n\n| Code | What it means | Who acts | What to do |\n|---|---|---|---|\n"
            for entry in Explanations.all(of: area) { text += line(entry) + "\n" }
        }
        return text
    }

    private static func line(_ entry: Explanation) -> String {
        let codes = ([entry.code] + entry.aliases).map { "`\($0)`" }.joined(separator: ", ")
        let cells = [codes, entry.meaning, entry.actor.title, entry.step].map { $0.replacing("<", with: "&lt;") }
        return "| " + cells.joined(separator: " | ") + " |"
    }
}
