/// Text in lines of a width, broken at blanks.
package enum WrappedText {
    /// No narrower than this, however narrow the terminal.
    package static let leastWidth = 40

    /// The words of `text`. One that is longer than the width has a line of its own and stands over.
    ///
    /// - Parameters:
    ///   - width: of a line, its indentation included.
    ///   - first: in front of the first line.
    ///   - indentation: in front of the others.
    package static func lines(
        _ text: String,
        width: Int,
        first: String = "",
        indentation: String? = nil
    ) -> [String] {
        let width = max(width, leastWidth)
        let indentation = indentation ?? String(repeating: " ", count: first.count)
        var lines: [String] = []
        var line = first
        var isEmpty = true
        for word in text.split(whereSeparator: \.isWhitespace) {
            if !isEmpty, line.count + 1 + word.count > width {
                lines.append(line)
                line = indentation
                isEmpty = true
            }
            if !isEmpty { line += " " }
            line += word
            isEmpty = false
        }
        return lines + [isEmpty ? trimmed(line) : line]
    }

    private static func trimmed(_ line: String) -> String {
        var line = line
        while line.last == " " { line.removeLast() }
        return line
    }
}
