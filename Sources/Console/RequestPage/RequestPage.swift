import Activity
import Explanations
import Graph
import KeyRing
import PageTexts
import Pages
import Transport

/// `/requests/{name}`: what was asked, what came of it, and each step on the way.
struct RequestPage {
    let name: RequestName
    let request: RequestSummary
    /// Of the overview that it was opened from.
    let view: ConsolePages.View
    let words: Words

    init(name: RequestName, request: RequestSummary, view: ConsolePages.View, now: Timestamp) {
        self.name = name
        self.request = request
        self.view = view
        words = Words(language: view.language, now: now)
    }

    var html: String {
        let title = Text.requestNumber(words.language, words.number(name.number))
        var document = PageDocument(
            language: words.language,
            title: "\(title) · \(words(Phrase.product))",
            assetRoot: ConsolePages.assetRoot
        ) { [name, view] in
            ConsoleAddress.request(name, view.speaking($0))
        }
        document.styles = [.consoleStyle]
        document.navigation = [(words(Text.title), ConsoleAddress.overview(view)), (title, nil)]
        return document.html { main in
            main.marks()
            main.element("h1") { heading in
                heading.mark(tone)
                heading.text(title)
            }
            meaning(&main)
            facts(&main)
            StepsSection(request, words).write(&main)
        }
    }

    private var tone: Tone {
        switch request.status {
        case 500...: .bad
        case 400...: .fair
        default: .good
        }
    }

    // MARK: What it means

    private func meaning(_ html: inout HTMLWriter) {
        html.element(
            "section",
            ["id": "meaning", "class": "banner \(tone.rawValue)", "aria-labelledby": "meaning-heading"]
        ) {
            section in
            section.element("h2", ["id": "meaning-heading"]) { heading in
                heading.text(words(Text.meaning))
                if let code = request.code {
                    heading.text(words(Text.colon))
                    heading.element("code", code)
                    if let title = Phrase.title(ofCode: code) { heading.text(" – " + words(title)) }
                }
            }
            guard let code = request.code else {
                section.element("p", done.map { words($0) }.joined(separator: words(Text.gap)))
                return
            }
            guard let explanation = Explanations.find(code, in: .gateway) else {
                section.element("p", words(Text.meansUnknown))
                return
            }
            section.element("p") { $0.catalogued(explanation.meaning, words.language) }
            section.element("dl", ["class": "remedy"]) { list in
                if explanation.actor != .nobody {
                    list.fact(words(Text.whoMustAct)) { who in
                        who.element("strong") { $0.catalogued(explanation.actor.title, words.language) }
                    }
                }
                list.fact(words(Text.whatToDo)) { $0.catalogued(explanation.step, words.language) }
            }
        }
    }

    private var done: [Phrase] {
        if request.isReplay { return [Text.replay] }
        let phrase =
            switch request.outcome {
            case "created": Text.meansCreated
            case "revoked": Text.meansRevoked
            case "reused": Text.meansReused
            default: Text.meansDone
            }
        return wasFoundByReading ? [phrase, Text.meansFound] : [phrase]
    }

    /// The answer to what was sent last did not say that it was done.
    private var wasFoundByReading: Bool {
        let sent = request.attempts.last { [.createToken, .revokeToken].contains($0.attempt.operation) }
        return sent.map { $0.attempt.status != 204 } ?? false
    }

    // MARK: Facts

    private func facts(_ html: inout HTMLWriter) {
        let text = RequestText(request, words)
        html.element("section", ["id": "facts", "aria-labelledby": "facts-heading"]) { section in
            section.element("h2", ["id": "facts-heading"], words(Text.facts))
            section.element("dl", ["class": "facts"]) { list in
                list.fact(words(Text.time)) { time in
                    time.time(request.startedAt, words.moment(request.startedAt))
                    time.element("span", ["class": "quiet"], " · " + words.relative(request.startedAt))
                }
                list.fact(words(Text.request)) { text.asked(&$0) }
                list.fact(words(Text.status)) { text.status(&$0) }
                list.fact(words(Text.outcome)) { text.outcome(&$0) }
                list.fact(words(Text.duration)) { $0.text(words.latency(request.duration)) }
                list.fact(words(Text.caller)) { caller in
                    if let name = request.caller { caller.name(name) } else { caller.text(words(Text.noCaller)) }
                }
                if request.caller != nil {
                    list.fact(words(Text.keyID)) { key in
                        if let id = request.keyID {
                            key.element("code", id.description)
                        } else {
                            key.text(words(Text.singleKey))
                        }
                    }
                }
                list.fact(words(Text.profile)) { profile in
                    if let id = request.profileID {
                        profile.element("code", id)
                    } else {
                        profile.text(words(Text.noProfile))
                    }
                }
                list.fact(words(Text.requestID)) { id in id.element("code", request.requestID) }
                list.fact(words(Text.recordID)) { record(&$0) }
                remarks(&list)
            }
        }
    }

    /// The command finds records by what they are about; their id picks the one out of them. That of a request which was answered
    /// again is the first one's, as old as the ledger may keep it.
    private func record(_ html: inout HTMLWriter) {
        guard let id = request.recordID else { return html.text(words(Text.noRecord)) }
        html.element("code", id)
        html.element("p", ["class": "quiet"], words(Text.lookUp))
        var command = "enrollment-gateway audit --json"
        if let profile = request.profileID { command += " --profile \(profile)" }
        if !request.isReplay { command += " --since \((request.startedAt - .seconds(60)).rfc3339)" }
        command += " | grep \(id)"
        html.element("pre") { $0.element("code", command) }
    }

    private func remarks(_ html: inout HTMLWriter) {
        // Where there is no code, the meaning says it.
        let again = request.isReplay && request.code != nil ? [Text.replay] : []
        let remarks = again + (request.callerLeft ? [Text.callerLeft] : [])
        guard !remarks.isEmpty else { return }
        html.fact(words(Text.remarks)) { $0.text(remarks.map { words($0) }.joined(separator: words(Text.gap))) }
    }
}

/// For a number that is none of the last requests.
struct GonePage {
    let view: ConsolePages.View

    private var language: PageLanguage { view.language }

    var html: String {
        var document = PageDocument(
            language: language,
            title: "\(Text.gone[language]) · \(Phrase.product[language])",
            assetRoot: ConsolePages.assetRoot
        ) { [view] in
            ConsoleAddress.same(view.speaking($0))
        }
        document.styles = [.consoleStyle]
        document.navigation = [(Text.title[language], ConsoleAddress.overview(view))]
        return document.html { main in
            main.element("h1", Text.gone[language])
            main.element("p") { $0.prose(Text.goneText(language, String(RequestHistory.mostRequests))) }
            main.element("p") { line in
                line.element("a", ["href": ConsoleAddress.overview(view)], Text.backToConsole[language])
            }
        }
    }
}
