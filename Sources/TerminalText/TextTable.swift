/// Columns of text, each as wide as its widest cell.
package struct TextTable: Sendable {
    private var rows: [[String]]

    package init(_ heads: [String]) { rows = [heads] }

    package mutating func add(_ cells: [String]) { rows.append(cells) }

    /// A line for each row, the heads first, without white space at the ends.
    package var text: String {
        var columns = TextColumns()
        return columns.lines(rows).joined(separator: "\n")
    }
}
