/// As much of a Markdown file as tells where its links lead, and where links to it may.
struct MarkdownFile {
    /// Where links and pictures lead, as written, in order. What stands in code is left out.
    private(set) var links: [String] = []
    /// The headings' anchors, as GitHub makes them.
    private(set) var anchors: [String] = []

    init(_ text: String) {
        var prose = ""
        var isCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
            } else if !isCode {
                if line.hasPrefix("#") { add(heading: line.drop { $0 == "#" }) }
                prose += line + "\n"
            }
        }
        // Between two backticks is code.
        let plain = prose.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? $0.element : "code" }.joined()
        links = plain.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
    }

    private mutating func add(heading: Substring) {
        let kept = heading.lowercased().drop { $0 == " " }
            .filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        let anchor = kept.replacing(" ", with: "-")
        let doubles = anchors.count {
            $0 == anchor || $0.hasPrefix(anchor + "-") && Int($0.dropFirst(anchor.count + 1)) != nil
        }
        anchors.append(doubles == 0 ? anchor : "\(anchor)-\(doubles)")
    }
}
