/// Columns of text that goes on: each as wide as its widest cell so far.
package struct TextColumns: Sendable {
    private var widths: [Int] = []

    package init() {}

    /// A line for each row, without white space at the ends.
    package mutating func lines(_ rows: [[String]]) -> [String] {
        for row in rows {
            for (column, cell) in row.enumerated() {
                if column == widths.count { widths.append(0) }
                widths[column] = max(widths[column], cell.count)
            }
        }
        return rows.map(line)
    }

    private func line(_ row: [String]) -> String {
        var line = ""
        for (column, cell) in row.enumerated() {
            if column > 0 { line += "  " }
            line += cell
            if column < row.count - 1 { line += String(repeating: " ", count: widths[column] - cell.count) }
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}
