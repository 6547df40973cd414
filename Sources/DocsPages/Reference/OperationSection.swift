import PageTexts
import Pages

/// One operation: what it does, what it takes, what it answers.
struct OperationSection {
    let operation: Contract.Operation
    let contract: Contract
    let text: PageText

    private var language: PageLanguage { text.language }
    private var fields: FieldList { FieldList(contract: contract, text: text) }

    func write(to html: inout HTMLWriter) {
        html.element("section", ["id": operation.id, "class": "operation"]) { section in
            section.element("h2") { text.line(operation.value["summary"]?.text ?? "", to: &$0) }
            section.element("p", ["class": "call"]) { call in
                call.element("span", ["class": "method"], operation.method)
                call.text(" ")
                call.element("code", operation.path)
            }
            right(to: &section)
            text.description(operation.value["description"]?.text ?? "", to: &section)
            CurlLine(operation: operation, contract: contract).write(language, to: &section)
            parameters(to: &section)
            body(to: &section)
            answers(to: &section)
        }
    }

    private func right(to html: inout HTMLWriter) {
        html.element("p") { line in
            if let right = operation.right {
                line.text(Phrase.neededRight.before(language))
                line.element("code", right)
            } else {
                line.text(Phrase.noKeyNeeded[language])
            }
        }
    }

    private func parameters(to html: inout HTMLWriter) {
        guard !operation.parameters.isEmpty else { return }
        html.element("h3", Phrase.parameters[language])
        html.element("dl", ["class": "fields"]) { list in
            for parameter in operation.parameters {
                fields.field(
                    parameter["name"]?.text ?? "",
                    schema: parameter["schema"] ?? .null,
                    place: parameter["in"]?.text,
                    isRequired: parameter["required"]?.isTrue ?? false,
                    description: parameter["description"]?.text,
                    example: parameter["example"] ?? parameter["examples"]?.members.first?.value["value"],
                    to: &list
                )
            }
        }
    }

    private func body(to html: inout HTMLWriter) {
        guard let body = operation.value["requestBody"] else { return }
        html.element("h3", Phrase.body[language])
        for content in body["content"]?.members ?? [] {
            html.element("p") { line in
                line.element("code", content.name)
                line.text(" · " + (body["required"]?.isTrue == true ? Phrase.required : Phrase.optional)[language])
            }
            fields.members(of: content.value["schema"] ?? .null, to: &html)
            examples(of: content.value, to: &html)
        }
    }

    // MARK: - Answers

    private func answers(to html: inout HTMLWriter) {
        let answers = (operation.value["responses"]?.members ?? []).map { ($0.name, contract.resolved($0.value).value) }
        html.element("h3", Phrase.answers[language])
        for (status, answer) in answers where answer["content"]?[Contract.problemType] == nil {
            html.element("div", ["class": "answer"]) { success(status, answer, to: &$0) }
        }
        html.element("h4", Phrase.problems[language])
        html.element("p") { line in
            line.element("a", ["href": "#problem-document"], Phrase.whatProblemsHave[language])
        }
        html.element("dl", ["class": "fields"]) { list in
            for (status, answer) in answers where answer["content"]?[Contract.problemType] != nil {
                problem(status, answer, to: &list)
            }
        }
    }

    private func success(_ status: String, _ answer: ContractValue, to html: inout HTMLWriter) {
        html.element("h4") { $0.element("span", ["class": "status"], status) }
        text.description(answer["description"]?.text ?? "", to: &html)
        headers(of: answer, to: &html)
        for content in answer["content"]?.members ?? [] {
            html.element("p") { $0.element("code", content.name) }
            let schema = contract.resolved(content.value["schema"] ?? .null).value
            if schema["properties"] != nil {
                if let description = schema["description"]?.text { text.description(description, to: &html) }
                fields.members(of: schema, to: &html)
            }
            examples(of: content.value, to: &html)
        }
    }

    private func problem(_ status: String, _ answer: ContractValue, to html: inout HTMLWriter) {
        html.element("dt") { $0.element("span", ["class": "status"], status) }
        html.element("dd") { meaning in
            text.description(answer["description"]?.text ?? "", to: &meaning)
            meaning.element("p", ["class": "codes"]) { line in
                for (index, code) in contract.codes(of: answer).enumerated() {
                    if index > 0 { line.text(" ") }
                    text.code(code, to: &line)
                }
            }
            headers(of: answer, to: &meaning)
            // Examples that are those of the code are with the code.
            let own = answer["content"]?[Contract.problemType]?["examples"]?.members.filter { $0.value["$ref"] == nil }
            examples(own ?? [], to: &meaning)
        }
    }

    private func headers(of answer: ContractValue, to html: inout HTMLWriter) {
        guard let headers = answer["headers"]?.members, !headers.isEmpty else { return }
        html.element("p", ["class": "quiet"]) { line in
            line.text(Phrase.headers.before(language))
            for (index, header) in headers.enumerated() {
                if index > 0 { line.text(Phrase.comma[language]) }
                line.element("a", ["href": "#header-" + (contract.resolved(header.value).name ?? header.name)]) {
                    $0.element("code", header.name)
                }
            }
        }
    }

    private func examples(of content: ContractValue, to html: inout HTMLWriter) {
        if let example = content["example"] {
            html.element("details") { details in
                details.element("summary", Phrase.example[language])
                details.json(example.asShown)
            }
        }
        examples(content["examples"]?.members ?? [], to: &html)
    }

    private func examples(_ examples: [ContractValue.Member], to html: inout HTMLWriter) {
        for example in examples {
            html.element("details") { details in
                details.element("summary") { summary in
                    summary.text(Phrase.exampleOf[language])
                    text.line(example.value["summary"]?.text ?? example.name, to: &summary)
                }
                details.json((example.value["value"] ?? .null).asShown)
            }
        }
    }
}

extension ContractValue {
    /// A text as it is, all else as JSON.
    fileprivate var asShown: String {
        if case .text(let text) = self { return text }
        return indentedJSON
    }
}
