import Yams

/// A part of the contract as it is written, with its members in their order.
enum ContractValue: Sendable, Equatable {
    struct Member: Sendable, Equatable {
        var name: String
        var value: ContractValue
    }

    case object([Member])
    case list([ContractValue])
    case text(String)
    /// As it is spelled.
    case number(String)
    case flag(Bool)
    case null

    subscript(_ name: String) -> ContractValue? { members.first { $0.name == name }?.value }

    /// Empty for what is no object.
    var members: [Member] {
        guard case .object(let members) = self else { return [] }
        return members
    }

    /// Empty for what is no list.
    var elements: [ContractValue] {
        guard case .list(let elements) = self else { return [] }
        return elements
    }

    /// Without white space around it; `nil` for what is neither a text nor a number.
    var text: String? {
        switch self {
        case .text(let text), .number(let text): text.withoutOuterBlanks
        default: nil
        }
    }

    var isTrue: Bool { self == .flag(true) }
}

extension ContractValue {
    init(_ node: Node) {
        switch node {
        case .mapping(let mapping):
            self = .object(mapping.map { Member(name: $0.key.string ?? "", value: ContractValue($0.value)) })
        case .sequence(let sequence): self = .list(sequence.map { ContractValue($0) })
        case .scalar(let scalar): self = Self.scalar(scalar.string, Tag.Name(rawValue: node.tag.description))
        // The contract has none.
        case .alias: self = .null
        }
    }

    private static func scalar(_ text: String, _ tag: Tag.Name) -> ContractValue {
        switch tag {
        case .int, .float: .number(text)
        case .bool: .flag(text == "true")
        case .null: .null
        default: .text(text)
        }
    }
}

extension String {
    fileprivate var withoutOuterBlanks: String {
        var text = self[...]
        while let first = text.first, first.isWhitespace { text.removeFirst() }
        while let last = text.last, last.isWhitespace { text.removeLast() }
        return String(text)
    }
}
