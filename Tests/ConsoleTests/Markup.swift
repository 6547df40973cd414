import Testing

private let voids: Set<String> = ["br", "input", "link", "meta"]

/// A page, read strictly: every element that is opened is closed in its turn, every attribute has a value in quotes.
final class Markup {
    var name = ""
    var attributes: [String: String] = [:]
    var children: [Markup] = []
    /// Of a text; elements have none of their own.
    var content = ""
    private(set) weak var parent: Markup?

    struct Flaw: Error, CustomStringConvertible {
        var description: String
    }

    /// - Throws: ``Flaw`` where the page is not well formed.
    convenience init(html: String) throws {
        self.init()
        var open = [self]
        var rest = html[...]
        while let start = rest.firstIndex(of: "<") {
            Self.add(rest[..<start], to: open.last!)
            guard let end = rest[start...].firstIndex(of: ">") else { throw Flaw(description: "a tag has no end") }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("!DOCTYPE") { continue }
            if tag.hasPrefix("/") {
                guard open.count > 1, open.removeLast().name == tag.dropFirst() else {
                    throw Flaw(description: "</\(tag.dropFirst())> closes what is not open")
                }
                continue
            }
            let element = try Self(tag: tag.hasSuffix("/") ? tag.dropLast() : tag)
            element.parent = open.last
            open.last!.children.append(element)
            if !tag.hasSuffix("/"), !voids.contains(element.name) { open.append(element) }
        }
        Self.add(rest, to: open.last!)
        guard open.count == 1 else { throw Flaw(description: "<\(open.last!.name)> is not closed") }
    }

    private convenience init(tag: Substring) throws {
        self.init()
        name = String(tag.prefix { $0 != " " })
        var rest = tag.dropFirst(name.count)
        while !rest.isEmpty {
            guard rest.first == " ", let equals = rest.firstIndex(of: "="),
                rest[rest.index(after: equals)...].first == "\"",
                let quote = rest[rest.index(equals, offsetBy: 2)...].firstIndex(of: "\"")
            else { throw Flaw(description: "<\(tag)> is not read") }
            let attribute = String(rest[rest.index(after: rest.startIndex)..<equals])
            guard attributes[attribute] == nil else { throw Flaw(description: "<\(tag)> has \(attribute) twice") }
            attributes[attribute] = Self.unescaped(rest[rest.index(equals, offsetBy: 2)..<quote])
            rest = rest[rest.index(after: quote)...]
        }
    }

    private static func add(_ text: Substring, to element: Markup) {
        guard !text.isEmpty else { return }
        let node = Markup()
        node.content = unescaped(text)
        node.parent = element
        element.children.append(node)
    }

    private static func unescaped(_ text: Substring) -> String {
        var text = String(text)
        for (name, character) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&amp;", "&")] {
            text = text.replacing(name, with: character)
        }
        return text
    }

    // MARK: Looking

    var all: [Markup] { children.flatMap { [$0] + $0.all } }
    func all(_ name: String) -> [Markup] { all.filter { $0.name == name } }
    func all(class wanted: String) -> [Markup] { all.filter { $0.classes.contains(wanted) } }
    var classes: [String] { attributes["class"]?.split(separator: " ").map(String.init) ?? [] }
    subscript(id id: String) -> Markup? { all.first { $0.attributes["id"] == id } }
    var text: String { name.isEmpty && children.isEmpty ? content : children.map(\.text).joined() }

    /// Elements that are marked as being in another language than the page, or as code or names.
    var foreignParts: [Markup] {
        all.filter { ["code", "bdi", "pre"].contains($0.name) || $0.attributes["lang"] == "en" }
    }

    /// The text without those parts that `leavingOut` says.
    func text(leavingOut isLeftOut: (Markup) -> Bool) -> String {
        if isLeftOut(self) { return " " }
        return name.isEmpty && children.isEmpty ? content : children.map { $0.text(leavingOut: isLeftOut) }.joined()
    }
}
