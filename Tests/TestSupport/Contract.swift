package import Foundation

/// `openapi.yaml`, read line by line.
///
/// No YAML library is at hand, and none is needed: the document keeps to two blanks a level, one key a line, and lists of plain
/// words. What does not is not found, and fails the test that looks for it.
package struct Contract: Sendable {
    package static let url = URL(filePath: #filePath).appending(path: "../../../openapi.yaml").standardizedFileURL
    package static let text = (try? String(contentsOf: url, encoding: .utf8)) ?? ""
    package static let document = Contract(
        lines: text.split(separator: "\n", omittingEmptySubsequences: false)[...],
        indent: 0
    )

    private let lines: ArraySlice<Substring>
    private let indent: Int

    /// The keys at this level, in order. Deeper lines, those of texts among them, are not looked at.
    package var keys: [String] { lines.compactMap(key) }

    /// The plain words of a list at this level.
    package var list: [String] {
        let mark = String(repeating: " ", count: indent) + "- "
        return lines.filter { $0.hasPrefix(mark) }.map { String($0.dropFirst(mark.count)) }
    }

    /// What stands below `key`.
    package subscript(_ key: String) -> Contract? {
        guard let start = lines.firstIndex(where: { self.key($0) == key }) else { return nil }
        let rest = lines[(start + 1)...]
        let end = rest.firstIndex { !$0.isEmpty && Self.depth($0) <= indent } ?? rest.endIndex
        return Contract(lines: rest[..<end], indent: indent + 2)
    }

    package subscript(path: String...) -> Contract? {
        path.reduce(Optional(self)) { contract, key in contract?[key] }
    }

    /// What stands behind `key` on its line, without quotation marks around it.
    package func value(_ key: String) -> String? {
        guard let line = lines.first(where: { self.key($0) == key }) else { return nil }
        let value = line.drop { $0 == " " }.dropFirst(key.count + 1).drop { $0 == " " }
        return value.isEmpty ? nil : String(value.hasPrefix("'") ? value.dropFirst().dropLast() : value)
    }

    /// The text of `key`, whether it stands on its line or on those below.
    package func words(_ key: String) -> String {
        (self[key]?.lines.map { $0.drop { $0 == " " } } ?? []).reduce(value(key) ?? "") { $0 + " " + $1 }
    }

    private func key(_ line: Substring) -> String? {
        guard Self.depth(line) == indent, let colon = line.firstIndex(of: ":") else { return nil }
        let key = line[..<colon].drop { $0 == " " }
        guard !key.isEmpty, !key.hasPrefix("-"), !key.hasPrefix("#") else { return nil }
        return key.hasPrefix("'") ? String(key.dropFirst().dropLast()) : String(key)
    }

    private static func depth(_ line: Substring) -> Int { line.prefix { $0 == " " }.count }
}
