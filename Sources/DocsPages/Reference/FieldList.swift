import PageTexts
import Pages

/// Members of a body, parameters, header fields: each with what it may be and what it means.
struct FieldList: Sendable {
    let contract: Contract
    let text: PageText

    /// The members of an object; of a list those of its elements.
    func members(of schema: ContractValue, to html: inout HTMLWriter) {
        let schema = contract.resolved(schema).value
        let object = schema["items"].map { contract.resolved($0).value } ?? schema
        let required = Set(object["required"]?.elements.compactMap(\.text) ?? [])
        html.element("dl", ["class": "fields"]) { list in
            for member in object["properties"]?.members ?? [] {
                field(
                    member.name,
                    schema: member.value,
                    isRequired: required.contains(member.name),
                    description: member.value["description"]?.text,
                    to: &list
                )
            }
        }
        if object["additionalProperties"] == .flag(false) { html.element("p", Phrase.noOtherMembers[text.language]) }
    }

    /// - Parameters:
    ///   - place: where a parameter stands: in the path, the query, a header.
    ///   - description: counts before the schema's own.
    func field(
        _ name: String,
        schema: ContractValue,
        place: String? = nil,
        isRequired: Bool,
        description: String?,
        example: ContractValue? = nil,
        id: String? = nil,
        to html: inout HTMLWriter
    ) {
        let schema = contract.resolved(schema).value
        html.element("dt") { term in
            if let id { term.element("code", ["id": id], name) } else { term.element("code", name) }
            term.element("span", ["class": "type"]) { type in
                type.text(typeName(of: schema))
                if let place, let phrase = Self.places[place] { type.text(" · " + phrase[text.language]) }
                type.text(" · " + (isRequired ? Phrase.required : Phrase.optional)[text.language])
            }
        }
        html.element("dd") { meaning in
            if let description = description ?? schema["description"]?.text {
                text.description(description, to: &meaning)
            }
            bounds(of: schema, example: example, to: &meaning)
            if let items = schema["items"] {
                meaning.element("p", Phrase.eachElement[text.language])
                members(of: items, to: &meaning)
            } else if schema["properties"] != nil {
                members(of: schema, to: &meaning)
            }
        }
    }

    private static let places: [String: Phrase] = ["path": .inPath, "query": .inQuery, "header": .inHeader]

    private func typeName(of schema: ContractValue) -> String {
        let type = schema["type"]?.text ?? "object"
        let format = schema["format"]?.text
        // A width of bits is nothing that people must know beside the bounds.
        guard let format, format != "int32" else { return type }
        return "\(type) (\(format))"
    }

    private func bounds(of schema: ContractValue, example: ContractValue?, to html: inout HTMLWriter) {
        let isCode = schema["enum"]?.elements.compactMap(\.text) == contract.codes
        var facts: [(Phrase, [String])] = []
        if isCode {
            html.element("p") {
                $0.element("a", ["href": DocsPages.Page.codes.address(text.language)], Phrase.allCodes[text.language])
            }
        } else if let values = schema["enum"]?.elements {
            facts.append((.oneOf, values.compactMap(\.text)))
        }
        if let value = schema["const"]?.text { facts.append((.always, [value])) }
        facts += range(schema, "minimum", "maximum", (.between, .atLeast, .atMost))
        if let length = schema["minLength"]?.text, length == schema["maxLength"]?.text {
            facts.append((.lengthExactly, [length]))
        } else {
            facts += range(schema, "minLength", "maxLength", (.lengthBetween, .lengthAtLeast, .lengthAtMost))
        }
        if let most = schema["maxItems"]?.text { facts.append((.elementsAtMost, [most])) }
        if let value = schema["default"]?.text { facts.append((.byDefault, [value])) }
        if let pattern = schema["pattern"]?.text { facts.append((.pattern, [pattern])) }
        if let example = (example ?? schema["examples"]?.elements.first)?.text {
            facts.append((.forExample, [example]))
        }
        guard !facts.isEmpty else { return }
        html.element("ul", ["class": "facts"]) { list in
            for (phrase, values) in facts {
                list.element("li") { item in
                    if phrase == .oneOf {
                        item.text(phrase.before(text.language))
                        for (index, value) in values.enumerated() {
                            if index > 0 { item.text(Phrase.comma[text.language]) }
                            item.element("code", value)
                        }
                    } else {
                        filled(phrase, with: values, to: &item)
                    }
                }
            }
        }
    }

    private func range(
        _ schema: ContractValue,
        _ least: String,
        _ most: String,
        _ phrases: (both: Phrase, least: Phrase, most: Phrase)
    ) -> [(Phrase, [String])] {
        switch (schema[least]?.text, schema[most]?.text) {
        case (let least?, let most?): [(phrases.both, [least, most])]
        case (let least?, nil): [(phrases.least, [least])]
        case (nil, let most?): [(phrases.most, [most])]
        case (nil, nil): []
        }
    }

    /// The phrase with each value in its place as code.
    private func filled(_ phrase: Phrase, with values: [String], to html: inout HTMLWriter) {
        var rest = phrase[text.language][...]
        while let open = rest.firstIndex(of: "{"), let close = rest[open...].firstIndex(of: "}") {
            html.text(String(rest[..<open]))
            if let place = Int(rest[rest.index(after: open)..<close]), values.indices.contains(place) {
                html.element("code", values[place])
            }
            rest = rest[rest.index(after: close)...]
        }
        html.text(String(rest))
    }
}
