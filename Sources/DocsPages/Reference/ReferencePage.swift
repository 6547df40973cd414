import PageTexts
import Pages

/// The whole contract for people.
struct ReferencePage {
    let contract: Contract
    let text: PageText

    private var language: PageLanguage { text.language }
    private var about: ContractValue { contract.root["info"] ?? .null }
    private var aboutText: String { about["description"]?.text ?? "" }

    func write(to html: inout HTMLWriter) {
        html.element("h1", Phrase.reference[language])
        html.element("p", ["class": "lead"]) { text.line(about["summary"]?.text ?? "", to: &$0) }
        html.element("p") { line in
            let drawn = Phrase.contractVersion(language, about["version"]?.text ?? "")
            line.text(drawn.hasSuffix("：") ? drawn : drawn + " ")
            line.element("a", ["href": "/openapi.yaml"]) { $0.element("code", "openapi.yaml") }
        }
        html.element("div", ["class": "with-contents"]) { columns in
            columns.element("nav", ["class": "contents", "aria-label": Phrase.contents[language]]) { contents(to: &$0) }
            columns.element("div", ["class": "sections"]) { sections(to: &$0) }
        }
        html.copyAnswers(language)
    }

    private func contents(to html: inout HTMLWriter) {
        html.element("ul") { list in
            list.element("li") { item in
                item.element("a", ["href": "#about"], Phrase.about[language])
                let headings = text.headings(of: aboutText)
                guard !headings.isEmpty else { return }
                item.element("ul") { inner in
                    for (index, heading) in headings.enumerated() {
                        entry("#about-\(index + 1)", to: &inner) { $0.text(heading) }
                    }
                }
            }
            entry("#api-key", to: &list) { $0.text(Phrase.apiKey[language]) }
            for operation in contract.operations {
                entry("#" + operation.id, to: &list) { link in
                    link.element("span", ["class": "method"], operation.method)
                    link.text(" ")
                    text.line(operation.value["summary"]?.text ?? "", to: &link)
                }
            }
            entry("#problem-document", to: &list) { $0.text(Phrase.problemDocument[language]) }
            entry("#header-fields", to: &list) { $0.text(Phrase.headerFields[language]) }
        }
    }

    private func entry(_ address: String, to list: inout HTMLWriter, _ content: (inout HTMLWriter) -> Void) {
        list.element("li") { $0.element("a", ["href": address], content) }
    }

    private func sections(to html: inout HTMLWriter) {
        html.element("section", ["id": "about"]) { section in
            section.element("h2", Phrase.about[language])
            text.description(aboutText, level: 3, anchor: "about", to: &section)
        }
        html.element("section", ["id": "api-key"]) { section in
            section.element("h2", Phrase.apiKey[language])
            let key = contract.component("securitySchemes", "apiKey")
            text.description(key?["description"]?.text ?? "", to: &section)
        }
        for operation in contract.operations {
            OperationSection(operation: operation, contract: contract, text: text).write(to: &html)
        }
        html.element("section", ["id": "problem-document"]) { problemDocument(to: &$0) }
        html.element("section", ["id": "header-fields"]) { headerFields(to: &$0) }
    }

    private func problemDocument(to html: inout HTMLWriter) {
        let schema = contract.component("schemas", "Problem") ?? .null
        html.element("h2", Phrase.problemDocument[language])
        text.description(schema["description"]?.text ?? "", to: &html)
        html.element("p") { $0.element("code", Contract.problemType) }
        FieldList(contract: contract, text: text).members(of: schema, to: &html)
    }

    private func headerFields(to html: inout HTMLWriter) {
        html.element("h2", Phrase.headerFields[language])
        html.element("dl", ["class": "fields"]) { list in
            for header in contract.root["components"]?["headers"]?.members ?? [] {
                FieldList(contract: contract, text: text).field(
                    contract.fieldName(ofHeader: header.name),
                    schema: header.value["schema"] ?? .null,
                    isRequired: header.value["required"]?.isTrue ?? false,
                    description: header.value["description"]?.text,
                    example: header.value["example"],
                    id: "header-" + header.name,
                    to: &list
                )
            }
        }
    }
}

extension Contract {
    /// The document has some fields more than once, under names of its own: the name that an answer uses is the field's.
    func fieldName(ofHeader name: String) -> String {
        let answers =
            (root["components"]?["responses"]?.members ?? []).map(\.value)
            + operations.flatMap { $0.value["responses"]?.members.map(\.value) ?? [] }
        for answer in answers {
            for header in answer["headers"]?.members ?? [] where resolved(header.value).name == name {
                return header.name
            }
        }
        return name
    }
}
