import PageTexts
import Pages

/// An operation as a command to copy.
///
/// The gateway does not know by which name it is reached: a variable stands in its place, and the page's script writes the name there
/// by which the page was asked for.
struct CurlLine {
    let operation: Contract.Operation
    let contract: Contract

    func write(_ language: PageLanguage, to html: inout HTMLWriter) {
        let name = operation.method + " " + operation.path
        if hasKey {
            // To be copied by itself: some shells repeat what was pasted at once as one command, which would make another key.
            html.element("p", Phrase.keyOfCommand[language])
            block(id: "key-" + operation.id, named: "Idempotency-Key, " + name, language, to: &html) { code in
                code.text("key=$(uuidgen)")
            }
        }
        block(id: "curl-" + operation.id, named: name, language, to: &html) { code in
            code.text("curl" + (operation.method == "GET" ? "" : " -X " + operation.method) + " \"")
            code.element("span", ["data-origin": ""], "$GATEWAY_URL")
            code.text(target + "\"" + options.map { " \\\n  " + $0 }.joined())
        }
    }

    private func block(
        id: String,
        named name: String,
        _ language: PageLanguage,
        to html: inout HTMLWriter,
        _ command: (inout HTMLWriter) -> Void
    ) {
        html.element("div", ["class": "copied"]) { block in
            block.element("pre", ["tabindex": "0"]) { pre in
                pre.element("code", ["id": id]) { command(&$0) }
            }
            block.copyButton(of: id, named: name, language)
        }
    }

    /// A request that makes something can be sent again where its answer was lost.
    private var hasKey: Bool {
        operation.method == "POST" && operation.parameters.contains { $0["name"]?.text == "Idempotency-Key" }
    }

    private var target: String {
        var path = operation.path
        var query: [String] = []
        for parameter in operation.parameters {
            guard let name = parameter["name"]?.text, let example = parameter["example"]?.text else { continue }
            switch parameter["in"]?.text {
            case "path": path = path.replacing("{\(name)}", with: example)
            case "query": query.append(name + "=" + example)
            default: break
            }
        }
        return path + (query.isEmpty ? "" : "?" + query.joined(separator: "&"))
    }

    private var options: [String] {
        var options: [String] = []
        if operation.right != nil { options.append("-H \"X-API-Key: $GATEWAY_API_KEY\"") }
        if hasKey { options.append("-H \"Idempotency-Key: $key\"") }
        for content in operation.value["requestBody"]?["content"]?.members ?? [] {
            options.append("-H 'Content-Type: \(content.name)'")
            if let body = content.value["examples"]?.members.first?.value["value"] {
                options.append("-d '\(body.shortJSON)'")
            }
        }
        let types = operation.value["responses"]?["200"]?["content"]?.members.map(\.name) ?? []
        if let picture = types.first(where: { $0.hasPrefix("image/") }) {
            options += ["-H 'Accept: \(picture)'", "-o token.svg"]
        }
        return options
    }
}

extension HTMLWriter {
    /// A button that copies the text of an element; it is there where scripts run.
    ///
    /// - Parameter name: of what is copied: a page has many of these buttons.
    mutating func copyButton(of id: String, named name: String, _ language: PageLanguage) {
        element(
            "button",
            [
                "type": "button", "class": "second copy", "data-copies": id, "hidden": "",
                "aria-label": Phrase.copyOf(language, name),
            ],
            Phrase.copy[language]
        )
    }

    /// What programs read and write: it is in English in every language of a page.
    mutating func json(_ json: String) {
        element("pre", ["tabindex": "0", "lang": PageLanguage.english.rawValue], json)
    }

    /// What copy buttons say afterwards, read aloud from here; once in a page that has some.
    mutating func copyAnswers(_ language: PageLanguage) {
        element(
            "p",
            [
                "id": "copied", "class": "unseen", "role": "status", "data-copied": Phrase.copied[language],
                "data-selected": Phrase.selected[language],
            ],
            ""
        )
    }
}
