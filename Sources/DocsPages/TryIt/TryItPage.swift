import Explanations
import PageTexts
import Pages

/// The form with which a person makes an enrollment token with the person's own key, and what came of it.
///
/// The server draws all of it; the script fills in and shows. It has no words of its own: they are in templates at the end of the page.
struct TryItPage {
    /// What is not in the contract but the operator's.
    struct Given {
        var sandboxKey: String?
        var expiringInSeconds: Int
    }

    let contract: Contract
    let text: PageText
    let given: Given

    var language: PageLanguage { text.language }

    func write(to html: inout HTMLWriter) {
        html.element("h1", Phrase.tryIt[language])
        html.element("p", ["class": "lead"], Phrase.tryItLead[language])
        if let key = given.sandboxKey { hint(key, to: &html) }
        html.element("noscript") { without in
            without.element("div", ["class": "banner fair"]) { banner in
                banner.element("p", Phrase.needsScript[language])
                neighbours(to: &banner)
            }
        }
        html.element("div", ["id": "try", "class": "try", "hidden": ""]) { columns in
            columns.element("div", ["class": "form"]) { form(to: &$0) }
            columns.element("div", ["class": "outcome"]) { outcome in
                // What is read aloud has to be there before it says something.
                outcome.element("p", ["id": "working", "class": "said", "role": "status"], "")
                problem(to: &outcome)
                result(to: &outcome)
                calls(to: &outcome)
            }
        }
        html.copyAnswers(language)
        phrases(to: &html)
        explanations(to: &html)
    }

    private func hint(_ key: String, to html: inout HTMLWriter) {
        html.element("div", ["class": "banner fair", "id": "sandbox"]) { banner in
            banner.element("p") { line in
                line.text(Phrase.sandboxHint[language] + " ")
                line.element("code", key)
            }
            banner.element(
                "button",
                ["type": "button", "class": "second", "id": "use-sandbox-key", "data-key": key, "hidden": ""],
                Phrase.useSandboxKey[language]
            )
        }
    }

    private func neighbours(to html: inout HTMLWriter) {
        html.element("ul") { list in
            for page in DocsPages.Page.allCases where page != .tryIt {
                list.element("li") { $0.element("a", ["href": page.address(language)], page.name[language]) }
            }
        }
    }

    private func calls(to html: inout HTMLWriter) {
        html.element("section", ["aria-labelledby": "calls-heading"]) { section in
            section.element("h2", ["id": "calls-heading"], Phrase.whatWasCalled[language])
            section.element("p", ["id": "no-calls", "class": "quiet"], Phrase.nothingYet[language])
            section.element("ol", ["id": "calls", "class": "calls"]) { _ in }
        }
    }

    private func phrases(to html: inout HTMLWriter) {
        html.element("template", ["id": "phrases"]) { template in
            for (name, phrase) in Self.scriptPhrases {
                template.element("span", ["data-phrase": name], phrase[language])
            }
        }
    }

    private func explanations(to html: inout HTMLWriter) {
        html.element("template", ["id": "explanations"]) { template in
            for explanation in Explanations.all(of: .gateway) {
                let title = Phrase.title(ofCode: explanation.code)?[language] ?? ""
                template.element("div", ["data-code": explanation.code, "data-title": title]) { one in
                    ExplanationList(text: text).write(explanation, to: &one)
                    one.element("p") {
                        $0.element("a", ["href": text.address(ofCode: explanation.code)], Phrase.moreOnCode[language])
                    }
                }
            }
        }
    }
}
