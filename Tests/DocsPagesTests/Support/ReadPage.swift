/// A page as a reader of HTML takes it: strictly, so that what browsers would mend is an error here.
struct ReadPage {
    struct Element {
        var name: String
        var attributes: [String: String]
        /// All that stands in it, without tags.
        var text = ""
    }

    struct Malformed: Error { var near: String }

    private(set) var elements: [Element] = []

    init(_ html: String) throws {
        var rest = html[...]
        guard rest.hasPrefix("<!DOCTYPE html>\n<html") else { throw Malformed(near: String(rest.prefix(40))) }
        rest = rest.dropFirst("<!DOCTYPE html>\n".count)
        var open: [Int] = []
        while let next = rest.firstIndex(of: "<") {
            let text = try Self.decoded(rest[..<next])
            for index in open { elements[index].text += text }
            guard let end = rest[next...].firstIndex(of: ">") else { throw Malformed(near: String(rest.prefix(40))) }
            let tag = rest[rest.index(after: next)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard let last = open.popLast(), elements[last].name == tag.dropFirst() else {
                    throw Malformed(near: String(tag))
                }
            } else {
                let element = try Self.element(tag)
                elements.append(element)
                if !Self.void.contains(element.name) { open.append(elements.count - 1) }
            }
        }
        guard open.isEmpty, rest.isEmpty else { throw Malformed(near: String(rest.prefix(40))) }
    }

    func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

    func element(id: String) -> Element? { elements.first { $0.attributes["id"] == id } }

    var ids: [String] { elements.compactMap { $0.attributes["id"] } }

    private static let void: Set<String> = ["meta", "link", "input", "img", "br"]

    private static func element(_ tag: Substring) throws -> Element {
        var rest = tag
        let name = take(from: &rest) { $0.isLetter || $0.isNumber }
        var attributes: [String: String] = [:]
        while rest.first == " " {
            rest.removeFirst()
            let attribute = take(from: &rest) { $0.isLetter || $0.isNumber || $0 == "-" }
            guard !attribute.isEmpty, rest.hasPrefix("=\"") else { throw Malformed(near: String(tag)) }
            rest = rest.dropFirst(2)
            let value = take(from: &rest) { $0 != "\"" }
            guard rest.first == "\"", attributes[attribute] == nil else { throw Malformed(near: String(tag)) }
            rest.removeFirst()
            attributes[attribute] = try decoded(value[...])
        }
        guard !name.isEmpty, rest.isEmpty else { throw Malformed(near: String(tag)) }
        return Element(name: name, attributes: attributes)
    }

    private static func take(from rest: inout Substring, while belongs: (Character) -> Bool) -> String {
        let taken = rest.prefix(while: belongs)
        rest = rest.dropFirst(taken.count)
        return String(taken)
    }

    private static func decoded(_ text: Substring) throws -> String {
        var result = ""
        var rest = text
        while let next = rest.firstIndex(of: "&") {
            guard let end = rest[next...].firstIndex(of: ";"), let letter = references[String(rest[next...end])] else {
                throw Malformed(near: String(rest[next...].prefix(20)))
            }
            result += rest[..<next] + letter
            rest = rest[rest.index(after: end)...]
        }
        return result + rest
    }

    private static let references = ["&amp;": "&", "&lt;": "<", "&gt;": ">", "&quot;": "\"", "&#39;": "'"]
}
