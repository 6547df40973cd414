import Entra
import Explanations
import PageTexts
import Pages
import Transport

/// What the gateway shows Entra, what it shows callers, and how long both last.
extension OverviewPage {
    func credential(_ html: inout HTMLWriter) {
        let facts = reading.credential
        section(&html, id: "credential", heading: words(Text.credential)) { section in
            section.element("dl", ["class": "facts"]) { list in
                list.fact(words(Text.kind)) { kind in
                    let name = facts.kind.rawValue
                    kind.text(Text.credentialKinds[name].map { words($0) } ?? name)
                }
                list.fact(words(Text.origin)) { origin in origin.element("code", facts.origin) }
                if let content = facts.inUse { inUse(content, isProven: facts.isProven, &list) }
                if let candidate = facts.candidate { replacement(candidate, &list) }
                ends(of: facts, &list)
                list.fact(words(Text.callerCertificate)) { ends in
                    if let expiry = reading.callerCertificate {
                        remaining(expiry, &ends)
                    } else {
                        ends.element("span", ["class": "quiet"], words(Text.noCallerCertificate))
                    }
                }
            }
        }
    }

    private func inUse(_ content: CredentialFacts.Content, isProven: Bool, _ list: inout HTMLWriter) {
        list.fact(words(Text.generation)) { text in
            text.text(Text.loaded(view.language, words.number(content.generation), words.relative(content.loadedAt)))
            text.void("br")
            text.element("span", ["class": "quiet"], words(isProven ? Text.proven : Text.notProven))
        }
        if let certificate = content.certificate {
            list.fact(words(Text.thumbprint)) { $0.element("code", certificate.sha1) }
        }
    }

    private func replacement(_ candidate: CredentialFacts.Candidate, _ list: inout HTMLWriter) {
        list.fact(words(Text.replacement)) { text in
            let content = candidate.content
            text.text(
                Text.replacementWaits(
                    view.language,
                    words.number(content.generation),
                    words.relative(content.loadedAt)
                )
            )
            if let refusal = candidate.refusal {
                text.element("p") { line in
                    line.mark(.fair)
                    line.element("code", refusal.aadsts.map { "AADSTS\($0)" } ?? refusal.reason.rawValue)
                    line.text(" ")
                    if let explanation = refusal.explanation { line.catalogued(explanation.meaning, view.language) }
                }
            }
        }
    }

    private func ends(of facts: CredentialFacts, _ list: inout HTMLWriter) {
        if let expiry = facts.expiry {
            list.fact(words(expiry.subject == .certificate ? Text.certificateEnds : Text.secretEnds)) {
                remaining(expiry, &$0)
            }
        } else if facts.kind == .clientSecret {
            list.fact(words(Text.secretEnds)) { $0.element("span", ["class": "quiet"], words(Text.endUnknown)) }
        }
    }

    private func remaining(_ expiry: CredentialExpiry, _ html: inout HTMLWriter) {
        let days = expiry.daysLeft(at: reading.now)
        let left =
            switch days {
            case 0: words(Text.endsToday)
            case 1: words(Text.dayLeft)
            default: Text.daysLeft(view.language, words.number(days))
            }
        switch expiry.standing(at: reading.now) {
        case .distant: html.text(left)
        case .near: html.badge(.fair, left + words(Text.comma) + words(Text.replaceIt))
        case .ended: html.badge(.bad, words(Text.hasEnded) + words(Text.comma) + words(Text.replaceIt))
        }
        html.element("span", ["class": "quiet"]) { span in
            span.text(" · ")
            span.time(expiry.endsAt, words.moment(expiry.endsAt))
        }
    }
}
