import Foundation

/// A schema of the contract, and what in a JSON document differs from it.
///
/// Of JSON Schema it knows what the contract uses. Stricter than that: a member that the schema does not name is a fault, since
/// the contract has to say all that is answered.
package indirect enum ContractSchema: Sendable {
    case text(values: [String], pattern: String?, lengths: ClosedRange<Int>, isInstant: Bool)
    case integer(ClosedRange<Int>)
    case object(required: Set<String>, members: [String: ContractSchema])
    case list(ContractSchema, counts: ClosedRange<Int>)
    /// The contract has none here, or one that cannot be read: nothing fits.
    case unreadable(String)

    /// The schema of this name among the contract's components.
    package init(_ name: String) {
        guard let text = Contract.document["components", "schemas", name] else {
            self = .unreadable("there is no schema \(name)")
            return
        }
        self.init(text)
    }

    private init(_ text: Contract) {
        if let reference = text.value("$ref") {
            self.init(String(reference.split(separator: "/").last ?? ""))
            return
        }
        switch text.value("type") {
        case "string":
            let values = text["enum"]?.list ?? text.value("const").map { [$0] } ?? []
            let lengths = text.range("minLength", "maxLength", least: 0)
            let isInstant = text.value("format") == "date-time"
            self = .text(values: values, pattern: text.value("pattern"), lengths: lengths, isInstant: isInstant)
        case "integer":
            self = .integer(text.range("minimum", "maximum", least: .min))
        case "object":
            let properties = text["properties"]
            let members = (properties?.keys ?? []).map { name in
                (name, properties?[name].map { ContractSchema($0) } ?? .unreadable(name))
            }
            self = .object(
                required: Set(text["required"]?.list ?? []),
                members: Dictionary(members) { first, _ in first }
            )
        case "array":
            self = .list(
                text["items"].map { ContractSchema($0) } ?? .unreadable("items"),
                counts: text.range("minItems", "maxItems", least: 0)
            )
        case let other:
            self = .unreadable("the type \(other ?? "that is missing")")
        }
    }

    /// Everything in which the document differs from the schema, with the path to it.
    package func faults(in document: String) -> [String] {
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(document.utf8)) else {
            return ["it is no JSON: \(document.prefix(200))"]
        }
        return faults(in: value, at: "$")
    }

    private func faults(in value: Value, at path: String) -> [String] {
        switch (self, value) {
        case (.text(let values, let pattern, let lengths, let isInstant), .text(let text)):
            var faults: [String] = []
            if !values.isEmpty, !values.contains(text) { faults.append("\(path) is the unknown \(text)") }
            if !lengths.contains(text.unicodeScalars.count) { faults.append("\(path) has a wrong length: \(text)") }
            if let pattern, (try? Regex(pattern).firstMatch(in: text)) == nil {
                faults.append("\(path) does not match \(pattern): \(text)")
            }
            if isInstant, (try? Date.ISO8601FormatStyle().parse(text)) == nil {
                faults.append("\(path) is no instant: \(text)")
            }
            return faults
        case (.integer(let bounds), .integer(let number)):
            return bounds.contains(number) ? [] : ["\(path) is out of bounds: \(number)"]
        case (.list(let schema, let counts), .list(let values)):
            let faults = values.enumerated().flatMap { schema.faults(in: $1, at: "\(path)[\($0)]") }
            return counts.contains(values.count) ? faults : faults + ["\(path) has \(values.count) items"]
        case (.object(let required, let schemas), .object(let members)):
            let missing = required.subtracting(members.keys).sorted().map { "\(path).\($0) is missing" }
            return members.sorted { $0.key < $1.key }.reduce(into: missing) { faults, member in
                let place = "\(path).\(member.key)"
                faults += schemas[member.key]?.faults(in: member.value, at: place) ?? ["\(place) is not described"]
            }
        case (.unreadable(let reason), _):
            return ["\(path) cannot be checked: \(reason)"]
        default:
            return ["\(path) has the wrong type: \(value)"]
        }
    }
}

/// A JSON document; what the contract has no use for, null and fractions, is `other`.
private enum Value: Decodable {
    case text(String)
    case integer(Int)
    case list([Value])
    case object([String: Value])
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let number = try? container.decode(Int.self) {
            self = .integer(number)
        } else if let members = try? container.decode([String: Value].self) {
            self = .object(members)
        } else if let values = try? container.decode([Value].self) {
            self = .list(values)
        } else {
            self = .other
        }
    }
}

extension Contract {
    /// A schema's bounds under two keys, of which either may be missing.
    fileprivate func range(_ least: String, _ greatest: String, least outermost: Int) -> ClosedRange<Int> {
        let lower = value(least).flatMap { Int($0) } ?? outermost
        return lower...max(lower, value(greatest).flatMap { Int($0) } ?? .max)
    }
}
