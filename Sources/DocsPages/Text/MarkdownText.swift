/// A description of the contract, which is CommonMark with the tables of GitHub: as much of it as the contract uses.
///
/// What it does not use is an error rather than a guess, so that no markup is ever shown as text; a test reads every description.
struct MarkdownText: Sendable, Equatable {
    enum Block: Sendable, Equatable {
        case heading(level: Int, [Inline])
        case paragraph([Inline])
        case list([[Inline]])
        case table(head: [[Inline]], rows: [[[Inline]]])
    }

    enum Inline: Sendable, Equatable {
        case text(String)
        case code(String)
        case emphasis([Inline])
        case strong([Inline])
    }

    /// What the pages have no form for.
    struct Unknown: Error, Equatable {
        var construct: String
    }

    private(set) var blocks: [Block] = []

    init(_ text: String) throws(Unknown) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: false)[...]
        while let line = lines.first {
            if line.isBlank {
                lines.removeFirst()
            } else if line.first == "#" {
                blocks.append(try Self.heading(line))
                lines.removeFirst()
            } else if line.hasPrefix("- ") {
                blocks.append(try Self.list(&lines))
            } else if line.first == "|" {
                blocks.append(try Self.table(&lines))
            } else {
                blocks.append(try Self.paragraph(&lines))
            }
        }
    }

    private static func heading(_ line: Substring) throws(Unknown) -> Block {
        let marks = line.prefix { $0 == "#" }
        let rest = line.dropFirst(marks.count)
        guard marks.count <= 6, rest.first == " ", rest.last != "#" else { throw Unknown(construct: String(line)) }
        return .heading(level: marks.count, try inlines(rest.dropFirst()))
    }

    private static func paragraph(_ lines: inout ArraySlice<Substring>) throws(Unknown) -> Block {
        var text: [Substring] = []
        while let line = lines.first, !line.isBlank, line.first != "#", line.first != "|", !line.hasPrefix("- ") {
            text.append(try plain(line))
            lines.removeFirst()
        }
        return .paragraph(try inlines(text))
    }

    private static func list(_ lines: inout ArraySlice<Substring>) throws(Unknown) -> Block {
        var items: [[Inline]] = []
        while let first = lines.first, first.hasPrefix("- ") {
            var item = [try plain(first.dropFirst(2))]
            lines.removeFirst()
            while let line = lines.first, line.hasPrefix("  "), !line.isBlank {
                item.append(try plain(line.dropFirst(2)))
                lines.removeFirst()
            }
            items.append(try inlines(item))
        }
        return .list(items)
    }

    private static func table(_ lines: inout ArraySlice<Substring>) throws(Unknown) -> Block {
        var rows: [[[Inline]]] = []
        var number = 0
        while let line = lines.first, line.first == "|" {
            lines.removeFirst()
            number += 1
            let cells = try self.cells(line)
            guard number != 2 else {
                // The line below the head, and no alignments in it.
                if cells.contains(where: { $0.isEmpty || !$0.allSatisfy { $0 == "-" } }) {
                    throw Unknown(construct: String(line))
                }
                continue
            }
            var row: [[Inline]] = []
            for cell in cells { row.append(try inlines(cell)) }
            rows.append(row)
        }
        guard number > 1, let head = rows.first, rows.allSatisfy({ $0.count == head.count }) else {
            throw Unknown(construct: "a table of unequal rows or without a head")
        }
        return .table(head: head, rows: Array(rows.dropFirst()))
    }

    private static func cells(_ line: Substring) throws(Unknown) -> [Substring] {
        guard line.count > 1, line.last == "|" else { throw Unknown(construct: String(line)) }
        return line.dropFirst().dropLast().split(separator: "|", omittingEmptySubsequences: false).map(\.trimmed)
    }

    /// A line of a paragraph or of an item, or what begins a construct of another kind.
    private static func plain(_ line: Substring) throws(Unknown) -> Substring {
        let number = line.prefix { $0.isNumber }
        let afterNumber = line.dropFirst(number.count)
        let isNumbered = !number.isEmpty && (afterNumber.hasPrefix(". ") || afterNumber.hasPrefix(") "))
        let others = [" ", "\t", ">", "- ", "* ", "+ ", "```", "~~~", "---", "***", "___", "==="]
        if isNumbered || others.contains(where: line.hasPrefix) || line.hasSuffix("  ") {
            throw Unknown(construct: String(line))
        }
        return line
    }

    private static func inlines(_ lines: [Substring]) throws(Unknown) -> [Inline] {
        try inlines(lines.joined(separator: "\n")[...])
    }
}

extension Substring {
    fileprivate var isBlank: Bool { allSatisfy(\.isWhitespace) }

    fileprivate var trimmed: Substring {
        var text = self
        while text.first == " " { text.removeFirst() }
        while text.last == " " { text.removeLast() }
        return text
    }
}
