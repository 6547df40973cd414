/// A line that a translation of a Markdown file has, too: a heading, a fence, a line of code or a row of a table.
struct Landmark {
    /// As it is written.
    let line: String
    /// What is the same in each language.
    let kept: String

    /// Keeps the level.
    init(heading line: Substring) {
        self.init(line: String(line), kept: String(line.prefix { $0 == "#" }))
    }

    /// Keeps it all: the language is that of the code.
    init(fence line: Substring) {
        self.init(line: String(line), kept: String(line))
    }

    /// Keeps all but a comment, or is none where there is nothing else.
    init?(code line: Substring) {
        let kept = line.replacing(/(^|\s+)#\s.*/, with: "")
        if kept.allSatisfy(\.isWhitespace) { return nil }
        self.init(line: String(line), kept: String(kept))
    }

    /// Keeps the number of cells, and what stands in code: names and values. Their order is that of the language.
    init(row line: Substring) {
        let cells = line.count { $0 == "|" } - 1
        self.init(line: String(line), kept: "\(cells) cells, \(MarkdownFile.names(in: line).sorted())")
    }

    private init(line: String, kept: String) {
        (self.line, self.kept) = (line, kept)
    }
}
