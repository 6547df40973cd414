import Yams

/// openapi.yaml as the pages read it.
struct Contract: Sendable {
    struct Operation: Sendable {
        var path: String
        /// In upper case.
        var method: String
        var value: ContractValue
        /// The path's and its own, in this order.
        var parameters: [ContractValue]

        var id: String { value["operationId"]?.text ?? "" }
        var right: String? { value["x-required-right"]?.text }
    }

    /// An answer, or a header field of one. What the document has in one place for many has a name there.
    struct Named: Sendable {
        var name: String?
        var value: ContractValue
    }

    let root: ContractValue

    /// - Throws: an error of Yams where it is no YAML.
    init(_ document: [UInt8]) throws {
        root = try Yams.compose(yaml: String(decoding: document, as: UTF8.self)).map { ContractValue($0) } ?? .null
    }

    var operations: [Operation] {
        (root["paths"]?.members ?? []).flatMap { path in
            let shared = path.value["parameters"]?.elements ?? []
            return path.value.members.filter { Self.methods.contains($0.name) }.map { method in
                Operation(
                    path: path.name,
                    method: method.name.uppercased(),
                    value: method.value,
                    parameters: (shared + (method.value["parameters"]?.elements ?? [])).map { resolved($0).value }
                )
            }
        }
    }

    private static let methods = ["get", "put", "post", "delete", "options", "head", "patch", "trace"]

    /// In the order of the document.
    var codes: [String] { component("schemas", "ProblemCode")?["enum"]?.elements.compactMap(\.text) ?? [] }

    func component(_ kind: String, _ name: String) -> ContractValue? { root["components"]?[kind]?[name] }

    /// What a `$ref` stands for, or the value itself.
    func resolved(_ value: ContractValue) -> Named {
        guard let reference = value["$ref"]?.text else { return Named(name: nil, value: value) }
        let steps = reference.split(separator: "/").dropFirst().map(String.init)
        var target = root
        for step in steps { target = target[step] ?? .null }
        return Named(name: steps.last, value: target)
    }

    /// What an answer with a problem can have as its `code`: those of its examples, and those that its description names.
    func codes(of answer: ContractValue) -> [String] {
        let examples = answer["content"]?[Self.problemType]?["examples"]?.members.map(\.name) ?? []
        let quoted = answer["description"]?.text?.split(separator: "`", omittingEmptySubsequences: false) ?? []
        // Every second piece stands between marks.
        let named = quoted.enumerated().filter { $0.offset % 2 == 1 }.map { String($0.element) }
        let all = Set(examples + named)
        return codes.filter(all.contains)
    }

    static let problemType = "application/problem+json"
}
