/// As much of a Markdown file as tells where its links lead, where links to it may, and what a translation has to have.
struct MarkdownFile {
    /// Where links and pictures lead, as written, in order. What stands in code is left out.
    private(set) var links: [String] = []
    /// The headings' anchors, as GitHub makes them.
    private(set) var anchors: [String] = []
    /// Headings, code and rows of tables, in order.
    private(set) var landmarks: [Landmark] = []
    /// What stands in code within the text.
    private(set) var names: Set<String> = []

    init(_ text: String) {
        var prose = ""
        var isCode = false
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.drop(while: { $0 == " " }).hasPrefix("```") {
                isCode.toggle()
                landmarks.append(Landmark(fence: line))
            } else if isCode {
                if let landmark = Landmark(code: line) { landmarks.append(landmark) }
            } else {
                if line.hasPrefix("#") { add(heading: line) }
                if line.hasPrefix("|") { landmarks.append(Landmark(row: line)) }
                prose += line + "\n"
            }
        }
        names = Self.names(in: prose[...])
        // Between two backticks is code.
        let plain = prose.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .map { $0.offset.isMultiple(of: 2) ? $0.element : "code" }.joined()
        links = plain.matches(of: /\]\(([^)\s]+)\)/).map { String($0.output.1) }
    }

    /// What stands between two backticks each, on one line or over two.
    static func names(in prose: Substring) -> Set<String> {
        let parts = prose.split(separator: "`", omittingEmptySubsequences: false).enumerated()
        return Set(parts.filter { !$0.offset.isMultiple(of: 2) }.map { String($0.element.replacing("\n", with: " ")) })
    }

    private mutating func add(heading line: Substring) {
        landmarks.append(Landmark(heading: line))
        let kept = line.drop { $0 == "#" }.lowercased().drop { $0 == " " }
            .filter { $0.isLetter || $0.isNumber || " -_".contains($0) }
        let anchor = kept.replacing(" ", with: "-")
        let doubles = anchors.count {
            $0 == anchor || $0.hasPrefix(anchor + "-") && Int($0.dropFirst(anchor.count + 1)) != nil
        }
        anchors.append(doubles == 0 ? anchor : "\(anchor)-\(doubles)")
    }
}
