import Explanations
import PageTexts
import Pages

/// Is it well, and if not, who must act?
extension OverviewPage {
    /// What ails one or several checks.
    private struct Trouble {
        var checks: [ConsoleReading.Check]
        var explanation: Explanation?

        var isNotReady: Bool { checks.contains { $0.status == .notReady } }
        /// The worst first; of those that are alike, one that somebody has to act upon.
        var rank: Int { (isNotReady ? 0 : 2) + (explanation?.actor == .nobody ? 1 : 0) }
    }

    private var overall: ConsoleReading.Check.Status {
        if reading.checks.contains(where: { $0.status == .notReady }) { return .notReady }
        return reading.checks.contains { $0.status == .degraded } ? .degraded : .ready
    }

    var statusWord: Phrase { Self.word(overall) }

    private static func word(_ status: ConsoleReading.Check.Status) -> Phrase {
        switch status {
        case .ready: Text.ready
        case .degraded: Text.degraded
        case .notReady: Text.notReady
        }
    }

    private static func tone(_ status: ConsoleReading.Check.Status) -> Tone {
        switch status {
        case .ready: .good
        case .degraded: .fair
        case .notReady: .bad
        }
    }

    /// Several checks that say the same, as at the start, are told of once.
    private var troubles: [Trouble] {
        var found: [Trouble] = []
        for check in reading.checks where check.status != .ready {
            let explanation = reading.explanation(of: check)
            if let explanation, let same = found.firstIndex(where: { $0.explanation == explanation }) {
                found[same].checks.append(check)
            } else {
                found.append(Trouble(checks: [check], explanation: explanation))
            }
        }
        return found.enumerated().sorted { ($0.element.rank, $0.offset) < ($1.element.rank, $1.offset) }.map(\.element)
    }

    func status(_ html: inout HTMLWriter) {
        let overall = overall
        let tone = Self.tone(overall)
        let troubles = troubles
        html.element(
            "section",
            [
                "id": "status", "class": "banner \(tone.rawValue)", "data-status": overall.rawValue,
                "aria-live": "polite", "aria-labelledby": "status-heading",
            ]
        ) { banner in
            staleWarning(&banner)
            banner.element("h1", ["id": "status-heading"]) { heading in
                heading.mark(tone)
                heading.element("strong", words(Self.word(overall)) + words(Text.colon))
                sentence(overall, troubles.first, &heading)
            }
            for trouble in troubles { tell(trouble, &banner) }
            notes(&banner)
            checkList(&banner)
        }
    }

    /// The foremost trouble itself, where it is known: what else is so, and what is not, is different with each.
    private func sentence(
        _ status: ConsoleReading.Check.Status,
        _ foremost: Trouble?,
        _ html: inout HTMLWriter
    ) {
        if let explanation = foremost?.explanation {
            html.cataloguedClause(explanation.meaning, view.language)
            html.text(words(Text.stop))
            return
        }
        switch status {
        case .ready: html.text(words(Text.readySentence))
        case .degraded: html.text(words(Text.degradedSentence))
        case .notReady: html.text(words(Text.notReadySentence))
        }
    }

    /// The script shows it, and keeps its age, which is not announced.
    private func staleWarning(_ html: inout HTMLWriter) {
        html.element("p", ["id": "stale", "hidden": ""]) { warning in
            warning.mark(.fair)
            warning.element("strong") { text in
                text.text(words(Text.isStale))
                text.element("span", ["data-trying": ""], words(Text.gap) + words(Text.tryingAgain))
                text.text(words(Text.gap) + words(Text.staleFrom) + " ")
                text.element(
                    "span",
                    [
                        "aria-live": "off", "data-age": "", "data-ago": words(Text.ago),
                        "data-seconds": words(Text.seconds), "data-minutes": words(Text.minutes),
                        "data-hours": words(Text.hours),
                    ]
                ) { _ in }
                text.text(words(Text.fullStop))
            }
        }
    }

    private func tell(_ trouble: Trouble, _ html: inout HTMLWriter) {
        let tone: Tone = trouble.isNotReady ? .bad : .fair
        html.element("article", ["class": "trouble", "data-detail": trouble.checks[0].detail ?? ""]) { article in
            article.element("h2") { heading in
                heading.badge(tone, trouble.checks.map { name(of: $0) }.joined(separator: words(Text.listComma)))
                heading.text(" ")
                if let explanation = trouble.explanation {
                    heading.catalogued(explanation.meaning, view.language)
                } else {
                    heading.text(words(Text.unexplained))
                }
            }
            if let explanation = trouble.explanation { remedy(explanation, &article) }
            for check in trouble.checks {
                if let message = check.message { article.english(message, view.language) }
            }
        }
    }

    private func remedy(_ explanation: Explanation, _ html: inout HTMLWriter) {
        html.element("dl", ["class": "remedy"]) { list in
            if explanation.actor != .nobody {
                list.fact(words(Text.whoMustAct)) { who in
                    who.element("strong") { $0.catalogued(explanation.actor.title, view.language) }
                }
            }
            list.fact(words(Text.whatToDo)) { $0.catalogued(explanation.step, view.language) }
            list.fact(words(Text.code)) { $0.element("code", explanation.code) }
        }
    }

    /// What checks that are in order have to say all the same.
    private func notes(_ html: inout HTMLWriter) {
        for check in reading.checks where check.status == .ready {
            guard let explanation = reading.explanation(of: check) else { continue }
            html.element("details", ["id": "note-\(check.name)", "class": "note"]) { details in
                details.element("summary") { summary in
                    summary.mark(.quiet)
                    summary.text(words(Text.goodToKnow) + words(Text.colon))
                    summary.catalogued(explanation.meaning, view.language)
                }
                remedy(explanation, &details)
                if let message = check.message { details.english(message, view.language) }
            }
        }
    }

    private func checkList(_ html: inout HTMLWriter) {
        guard !reading.checks.isEmpty else { return }
        html.element("ul", ["class": "checks", "aria-label": words(Text.checks)]) { list in
            for check in reading.checks {
                list.element("li", ["data-check": check.name]) { item in
                    item.mark(Self.tone(check.status))
                    if let name = Text.checkNames[check.name] {
                        item.text(words(name))
                    } else {
                        item.name(check.name)
                    }
                    item.text(" ")
                    item.element("span", ["class": "quiet"], words(Self.word(check.status)))
                }
            }
        }
    }

    private func name(of check: ConsoleReading.Check) -> String {
        Text.checkNames[check.name].map { words($0) } ?? check.name
    }
}
