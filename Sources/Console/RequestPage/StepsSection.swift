import Activity
import Explanations
import Graph
import PageTexts
import Pages
import Transport

/// The steps of a request: as a picture, and as a table that says more.
struct StepsSection {
    private let request: RequestSummary
    private let steps: [RequestStep]
    private let words: Words

    init(_ request: RequestSummary, _ words: Words) {
        self.request = request
        self.words = words
        steps = RequestStep.all(of: request)
    }

    func write(_ html: inout HTMLWriter) {
        html.element("section", ["id": "steps", "aria-labelledby": "steps-heading"]) { section in
            section.element("h2", ["id": "steps-heading"], words(Text.steps))
            guard !steps.isEmpty else {
                section.element("p", words(Text.noSteps))
                return
            }
            let gist = Text.stepsGist(
                words.language,
                words.number(request.waits.count),
                words.number(request.attempts.count),
                words.latency(request.duration)
            )
            section.element("figure") { figure in
                figure.element("figcaption", ["class": "gist"], gist)
                StepsDrawing(steps: steps, duration: request.duration, words: words)
                    .write(&figure, title: words(Text.steps), gist: gist)
            }
            section.scrollBox(words(Text.steps), words.language) {
                $0.element("table", ["class": "steps-table", "aria-labelledby": "steps-heading"], table)
            }
            meanings(&section)
        }
    }

    private func table(_ html: inout HTMLWriter) {
        html.element("thead") { head in
            head.element("tr") { row in
                row.element("th", ["scope": "col"], words(Text.step))
                for name in [Text.begins, Text.duration] {
                    row.element("th", ["scope": "col", "class": "number"], words(name))
                }
                for name in [Text.answer, Text.graphRequestID, Text.clientRequestID] {
                    row.element("th", ["scope": "col"], words(name))
                }
            }
        }
        html.element("tbody") { body in
            for (index, step) in steps.enumerated() { self.row(index + 1, step, &body) }
        }
    }

    private func row(_ number: Int, _ step: RequestStep, _ html: inout HTMLWriter) {
        html.element("tr") { cells in
            cells.element("th", ["scope": "row"]) { cell in
                cell.text("\(number). \(step.name(words))")
                if case .attempt(let attempt) = step.kind {
                    let purpose = attempt.purpose.rawValue
                    cell.element("span", ["class": "comment"], Text.purposes[purpose].map { words($0) } ?? purpose)
                }
            }
            cells.element("td", ["class": "number"], words.offset(step.offset))
            cells.element("td", ["class": "number"], words.latency(step.duration))
            switch step.kind {
            case .wait:
                cells.element("td", ["class": "quiet"], words(Text.waited))
                cells.element("td", "–")
                cells.element("td", "–")
            case .attempt(let attempt):
                cells.element("td") { answer(of: attempt, step.tone ?? .quiet, &$0) }
                cells.element("td") { id(attempt.requestID, &$0) }
                cells.element("td") { id(attempt.clientRequestID, &$0) }
            }
        }
    }

    private func answer(of attempt: GraphAttempt, _ tone: Tone, _ html: inout HTMLWriter) {
        if let status = attempt.status { return html.badge(tone, String(status)) }
        html.badge(tone, words(Text.noAnswer))
        if let error = attempt.error {
            html.text(" ")
            html.element("code", error.rawValue)
        }
    }

    private func id(_ id: String?, _ html: inout HTMLWriter) {
        guard let id else { return html.text("–") }
        html.element("code", id)
    }

    // MARK: What went wrong on the way

    private struct Meaning: Hashable {
        var area: Explanation.Area
        var code: String
    }

    /// Each once: what a status that is an error, or the want of an answer, means.
    private func meanings(_ html: inout HTMLWriter) {
        var told: Set<Meaning> = []
        let found = steps.compactMap { step -> (answer: String, explanation: Explanation)? in
            guard let answer = step.answer, let known = explanation(of: step),
                told.insert(.init(area: known.area, code: known.code)).inserted
            else { return nil }
            return (answer, known)
        }
        guard !found.isEmpty else { return }
        html.element("dl", ["class": "facts meanings"]) { list in
            for (answer, explanation) in found {
                list.fact(answer) { text in
                    text.catalogued(explanation.meaning, words.language)
                    text.element("p", ["class": "quiet"]) { step in
                        if explanation.actor != .nobody {
                            step.element("strong") { $0.catalogued(explanation.actor.title, words.language) }
                            step.text(words(Text.colon))
                        }
                        step.catalogued(explanation.step, words.language)
                    }
                }
            }
        }
    }

    private func explanation(of step: RequestStep) -> Explanation? {
        guard case .attempt(let attempt) = step.kind, step.tone != .good else { return nil }
        if let status = attempt.status { return Explanations.graph(code: nil, status: status) }
        return attempt.error.flatMap { Explanations.find($0.rawValue, in: .transport) }
    }
}
