import Activity
import PageTexts
import Pages

/// What there is to say of a request, in the table of all of them and on its own page.
struct RequestText {
    /// So much is shown of what may be any text.
    private static let longest = 80

    private let request: RequestSummary
    private let words: Words

    init(_ request: RequestSummary, _ words: Words) {
        self.request = request
        self.words = words
    }

    /// Method and route.
    func asked(_ html: inout HTMLWriter) {
        if request.method == Self.noMethod {
            html.element("span", ["class": "quiet"], words(Text.noHead))
            return
        }
        html.element("code", Self.shortened(request.method))
        html.text(" ")
        if let route = request.route {
            html.element("code", route)
        } else {
            html.element("span", ["class": "quiet"], words(Text.noRoute))
        }
    }

    /// Of a request whose head could not be read.
    private static let noMethod = "none"

    /// Of one that was answered again the outcome is that of the first.
    func outcome(_ html: inout HTMLWriter) {
        guard let outcome = request.outcome else { return html.text("–") }
        if let name = Text.outcomeNames[outcome] {
            if outcome == "unknown" { html.badge(.bad, words(name)) } else { html.text(words(name)) }
        } else {
            html.element("code", outcome)
        }
        if request.isReplay { html.element("span", ["class": "comment"], words(Text.answeredAgain)) }
    }

    /// The code with its title.
    func code(_ html: inout HTMLWriter) {
        guard let code = request.code else { return html.text("–") }
        html.element("code", code)
        if let title = Phrase.title(ofCode: code) { html.element("span", ["class": "comment"], words(title)) }
    }

    func status(_ html: inout HTMLWriter) {
        switch request.status {
        case 500...: html.badge(.bad, String(request.status))
        case 400...: html.badge(.fair, String(request.status))
        default: html.text(String(request.status))
        }
    }

    private static func shortened(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > longest else { return text }
        return String(String.UnicodeScalarView(scalars.prefix(longest))) + "…"
    }
}
