import Explanations
import PageTexts
import Pages

/// Every code of problems: what it means, who must act, the step, and how the document looks.
struct CodesPage {
    let contract: Contract
    let text: PageText

    private var language: PageLanguage { text.language }

    /// A code with its example of the contract, and what the table of explanations has.
    private struct Code {
        var code: String
        var example: ContractValue
        var explanation: Explanation?

        var document: ContractValue { example["value"] ?? .null }
        var status: String { document["status"]?.text ?? "" }
    }

    private var codes: [Code] {
        let codes = contract.codes.map { code in
            Code(
                code: code,
                example: contract.component("examples", code) ?? .null,
                explanation: Explanations.find(code, in: .gateway)
            )
        }
        // In the order of the document among equals: sort(by:) promises none.
        let ordered = codes.enumerated().sorted { ($0.element.status, $0.offset) < ($1.element.status, $1.offset) }
        return ordered.map(\.element)
    }

    func write(to html: inout HTMLWriter) {
        let codes = codes
        html.element("h1", Phrase.codes[language])
        let description = contract.component("schemas", "ProblemCode")?["description"]?.text ?? ""
        text.description(description, to: &html)
        html.element("p") { line in
            let address = DocsPages.Page.reference.address(language) + "#problem-document"
            line.element("a", ["href": address], Phrase.whatProblemsHave[language])
        }
        table(of: codes, to: &html)
        for code in codes { html.element("section", ["id": code.code, "class": "code"]) { write(code, to: &$0) } }
    }

    private func table(of codes: [Code], to html: inout HTMLWriter) {
        html.element(
            "div",
            ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": Phrase.codes[language]]
        ) { box in
            box.element("table", ["aria-label": Phrase.codes[language]]) { table in
                table.element("thead") { head in
                    head.element("tr") { row in
                        for title in [Phrase.status, .code, .whatHappened, .whoActs] {
                            row.element("th", ["scope": "col"], title[language])
                        }
                    }
                }
                table.element("tbody") { body in
                    for code in codes { body.element("tr") { row(of: code, to: &$0) } }
                }
            }
        }
    }

    private func row(of code: Code, to html: inout HTMLWriter) {
        html.element("td", code.status)
        html.element("th", ["scope": "row"]) { cell in
            cell.element("a", ["href": "#" + code.code]) { $0.element("code", code.code) }
        }
        html.element("td") { text.line(code.example["summary"]?.text ?? "", to: &$0) }
        html.element("td") { cell in
            if let actor = code.explanation?.actor { text.line(actor.title, to: &cell) }
        }
    }

    private func write(_ code: Code, to html: inout HTMLWriter) {
        html.element("h2") { heading in
            heading.element("code", code.code)
            heading.text(" ")
            heading.element("span", ["class": "status"], code.status)
        }
        html.element("p") { line in
            if let title = Phrase.title(ofCode: code.code) {
                line.element("strong", title[language])
            } else {
                // What stands in the document, whatever the page's language is.
                line.element("strong", ["lang": PageLanguage.english.rawValue], code.document["title"]?.text ?? "")
            }
            line.text(" – ")
            text.line(code.example["summary"]?.text ?? "", to: &line)
        }
        if let explanation = code.explanation { ExplanationList(text: text).write(explanation, to: &html) }
        if let description = code.example["description"]?.text {
            html.element("p", ["class": "quiet"], Phrase.contractSays[language])
            text.description(description, to: &html)
        }
        html.element("details") { details in
            details.element("summary", Phrase.exampleDocument[language])
            details.json(code.document.indentedJSON)
        }
    }
}

/// What a code means, who must act, and the step.
struct ExplanationList {
    let text: PageText

    func write(_ explanation: Explanation, to html: inout HTMLWriter) {
        html.element("dl", ["class": "explanation"]) { list in
            entry(.meaning, "meaning", to: &list) { text.explanation(explanation.meaning, to: &$0) }
            entry(.whoActs, "actor", to: &list) { text.line(explanation.actor.title, to: &$0) }
            entry(.step, "step", to: &list) { text.explanation(explanation.step, to: &$0) }
        }
    }

    private func entry(
        _ name: Phrase,
        _ kind: String,
        to list: inout HTMLWriter,
        _ content: (inout HTMLWriter) -> Void
    ) {
        list.element("dt", name[text.language])
        list.element("dd", ["class": kind], content)
    }
}
