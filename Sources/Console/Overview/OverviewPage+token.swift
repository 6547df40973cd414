import Entra
import Explanations
import PageTexts
import Pages
import Transport

/// The access token: when it was fetched, when it is renewed, when it ends.
extension OverviewPage {
    func accessToken(_ html: inout HTMLWriter) {
        let token = reading.accessToken
        section(&html, id: "access-token", heading: words(Text.accessToken)) { section in
            if let line = TokenTimeline(token, at: reading.now) {
                line.draw(&section, words)
                section.element("dl", ["class": "facts"]) { facts in
                    facts.fact(words(Text.fetched)) { $0.timeBothWays(line.fetched, words) }
                    if let renewal = line.renewal {
                        facts.fact(words(renewal < reading.now ? Text.renewalDue : Text.renewed)) {
                            $0.timeBothWays(renewal, words)
                        }
                    }
                    facts.fact(words(line.end <= reading.now ? Text.ended : Text.ends)) {
                        $0.timeBothWays(line.end, words)
                    }
                }
            }
            standing(token, &section)
        }
    }

    private func standing(_ token: TokenHealth, _ html: inout HTMLWriter) {
        if !token.hasUsableToken {
            html.element("p") { line in
                line.badge(token.isFetching ? .fair : .bad, words(token.hasHadToken ? Text.noToken : Text.noTokenYet))
            }
        }
        if token.isFetching { html.element("p", words(Text.isFetching)) }
        guard let error = token.lastError else { return }
        html.element("div", ["class": "problem"]) { box in
            box.element("p") { line in
                line.badge(token.hasUsableToken ? .fair : .bad, words(Text.renewalFails))
                line.text(words(Text.gap) + next(error))
            }
            box.element("p") { line in
                line.element("code", error.aadsts.map { "AADSTS\($0)" } ?? error.reason.rawValue)
                line.text(" ")
                if let explanation = error.explanation { line.catalogued(explanation.meaning, view.language) }
            }
            box.english(error.detail, view.language)
            if error.traceID != nil || error.correlationID != nil {
                box.element("p", ["class": "quiet"]) { ids in
                    for (name, value) in [("trace id", error.traceID), ("correlation id", error.correlationID)] {
                        guard let value else { continue }
                        ids.element("span", ["lang": "en"], name + " ")
                        ids.element("code", value)
                        ids.text(" ")
                    }
                }
            }
        }
    }

    private func next(_ error: EntraError) -> String {
        guard let pause = error.retryAfter, pause >= .seconds(1) else { return words(Text.triedAgainNow) }
        return Text.triedAgain(view.language, words.relative(reading.now + pause))
    }
}
