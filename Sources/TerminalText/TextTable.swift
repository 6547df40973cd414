/// Columns of text, each as wide as its widest cell.
package struct TextTable: Sendable {
    private var rows: [[String]]

    package init(_ heads: [String]) { rows = [heads] }

    package mutating func add(_ cells: [String]) { rows.append(cells) }

    /// A line for each row, the heads first, without white space at the ends.
    package var text: String {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                if column > 0 { line += "  " }
                line += cell
                if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count) }
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
