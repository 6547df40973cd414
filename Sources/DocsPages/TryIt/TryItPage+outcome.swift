import PageTexts
import Pages

/// What came of it: a token, or a problem. Empty until the script has something to show.
extension TryItPage {
    func result(to html: inout HTMLWriter) {
        html.element(
            "section",
            // The focus goes to its heading: only what changes later is read aloud by itself, and never a secret.
            [
                "id": "result", "class": "card", "aria-live": "off", "aria-labelledby": "result-heading",
                "data-expiring-seconds": String(given.expiringInSeconds), "hidden": "",
            ]
        ) { section in
            section.element("h2", ["id": "result-heading", "tabindex": "-1"], "")
            section.element("p", ["id": "state", "class": "state"]) { state in
                state.element("strong", ["id": "state-word", "role": "status"], "")
                state.text(" ")
                // It changes each second: nothing to be read aloud.
                state.element("span", ["id": "countdown", "role": "timer", "aria-live": "off"], "")
            }
            section.element("p", ["id": "result-note", "class": "said", "role": "status"], "")
            section.element("figure", ["id": "picture", "hidden": ""]) { figure in
                figure.element("figcaption", Phrase.scanIt[language])
            }
            section.element("p", ["id": "no-picture", "class": "said", "role": "status"], "")
            section.element(
                "button",
                ["type": "button", "id": "try-again", "class": "second", "hidden": ""],
                Phrase.tryAgain[language]
            )
            section.element("div", ["id": "value", "hidden": ""]) { value(to: &$0) }
            section.element("dl", ["id": "facts", "class": "pairs"]) { _ in }
            section.element("div", ["id": "revoking"]) { revoking(to: &$0) }
        }
    }

    private func value(to html: inout HTMLWriter) {
        html.element("h3", Phrase.value[language])
        html.element("div", ["class": "copied"]) { block in
            block.element("pre") { $0.element("code", ["id": "token"], "") }
            let name = Phrase.copyOf(language, Phrase.value[language])
            block.element(
                "button",
                ["type": "button", "id": "copy", "class": "second", "aria-label": name],
                Phrase.copy[language]
            )
        }
        html.element("p", ["class": "quiet"], Phrase.valueIsSecret[language])
    }

    private func revoking(to html: inout HTMLWriter) {
        html.element(
            "button",
            ["type": "button", "id": "revoke", "class": "danger", "data-action": ""],
            Phrase.revoke[language]
        )
        html.element(
            "div",
            [
                "id": "revoke-question", "class": "banner bad", "role": "group", "aria-labelledby": "revoke-text",
                "hidden": "",
            ]
        ) { question in
            question.element("p", ["id": "revoke-text", "tabindex": "-1"], Phrase.revokeQuestion[language])
            question.element("p", ["class": "buttons"]) { buttons in
                buttons.element(
                    "button",
                    ["type": "button", "id": "revoke-confirm", "class": "danger", "data-action": ""],
                    Phrase.revokeConfirm[language]
                )
                buttons.element(
                    "button",
                    ["type": "button", "id": "revoke-cancel", "class": "second"],
                    Phrase.revokeCancel[language]
                )
            }
        }
    }

    func problem(to html: inout HTMLWriter) {
        html.element(
            "section",
            ["id": "problem", "class": "card problem", "aria-labelledby": "problem-heading", "hidden": ""]
        ) { section in
            section.element("p", ["class": "bad kind"], Phrase.problem[language])
            section.element("h2", ["id": "problem-heading", "tabindex": "-1"], "")
            section.element("p", ["id": "problem-detail"], "")
            section.element("p", ["id": "problem-unknown"], "")
            section.element("div", ["id": "problem-explanation"]) { _ in }
            section.element("p", ["class": "buttons"]) { buttons in
                buttons.element("span", ["id": "wait", "role": "timer", "aria-live": "off"], "")
                buttons.element("span", ["id": "wait-over", "role": "status"], "")
                buttons.element(
                    "button",
                    ["type": "button", "id": "ask-again", "class": "second", "data-action": "", "hidden": ""],
                    Phrase.askAgain[language]
                )
            }
            section.element("dl", ["id": "problem-facts", "class": "pairs"]) { _ in }
            section.element("details", ["id": "problem-document", "open": ""]) { details in
                details.element("summary", Phrase.problemDocument[language])
                details.element(
                    "pre",
                    ["id": "problem-json", "tabindex": "0", "lang": PageLanguage.english.rawValue],
                    ""
                )
            }
        }
    }
}
