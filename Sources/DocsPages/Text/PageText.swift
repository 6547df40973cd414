import PageTexts
import Pages

/// Writes what the contract and the explanations say in the language of a page. What has no translation stands there in English and
/// says so.
struct PageText: Sendable {
    let language: PageLanguage
    /// Every code of problems: where one of them is named, its explanation is a link away.
    var codes: Set<String> = []

    /// One line without markup: a summary, a title.
    func line(_ english: String, to html: inout HTMLWriter) {
        inTranslation(english, "span", to: &html) { $1.text($0) }
    }

    /// One line in which code stands between back quotes: an explanation.
    func explanation(_ english: String, to html: inout HTMLWriter) {
        inTranslation(english, "span", to: &html) { text, html in
            for (index, piece) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
                if index % 2 == 1 { code(String(piece), to: &html) } else { html.text(String(piece)) }
            }
        }
    }

    /// A description.
    ///
    /// - Parameters:
    ///   - level: of the headings that stand in it.
    ///   - anchor: the beginning of their ids.
    func description(_ english: String, level: Int = 4, anchor: String? = nil, to html: inout HTMLWriter) {
        inTranslation(english, "div", to: &html) { text, html in
            guard let markdown = try? MarkdownText(text) else {
                html.element("pre", text)
                return
            }
            var headings = 0
            for block in markdown.blocks {
                if case .heading(_, let inlines) = block {
                    headings += 1
                    heading(inlines, level: level, id: anchor.map { "\($0)-\(headings)" }, to: &html)
                } else {
                    write(block, to: &html)
                }
            }
        }
    }

    /// The headings of a description, for a table of contents.
    func headings(of english: String) -> [String] {
        guard let markdown = try? MarkdownText(Catalogue.text(english, in: language) ?? english) else { return [] }
        return markdown.blocks.compactMap { block in
            guard case .heading(_, let inlines) = block else { return nil }
            return inlines.plain
        }
    }

    /// What a program reads or writes, with a link where it is a code.
    func code(_ text: String, to html: inout HTMLWriter) {
        guard codes.contains(text) else {
            html.element("code", text)
            return
        }
        html.element("a", ["href": address(ofCode: text)]) { $0.element("code", text) }
    }

    func address(ofCode code: String) -> String { DocsPages.Page.codes.address(language) + "#" + code }

    private func inTranslation(
        _ english: String,
        _ element: StaticString,
        to html: inout HTMLWriter,
        _ write: (String, inout HTMLWriter) -> Void
    ) {
        if let text = Catalogue.text(english, in: language) {
            write(text, &html)
        } else {
            html.element(element, ["lang": PageLanguage.english.rawValue]) { write(english, &$0) }
        }
    }
}

extension PageText {
    private func heading(_ inlines: [MarkdownText.Inline], level: Int, id: String?, to html: inout HTMLWriter) {
        let name: StaticString = level <= 3 ? "h3" : level == 4 ? "h4" : "h5"
        if let id {
            html.element(name, ["id": id]) { write(inlines, to: &$0) }
        } else {
            html.element(name) { write(inlines, to: &$0) }
        }
    }

    private func write(_ block: MarkdownText.Block, to html: inout HTMLWriter) {
        switch block {
        case .heading: break
        case .paragraph(let inlines): html.element("p") { write(inlines, to: &$0) }
        case .list(let items):
            html.element("ul") { list in
                for item in items { list.element("li") { write(item, to: &$0) } }
            }
        case .table(let head, let rows):
            let name = head.map(\.plain).joined(separator: Phrase.comma[language])
            html.element("div", ["class": "scroll", "tabindex": "0", "role": "region", "aria-label": name]) { box in
                box.element("table", ["aria-label": name]) { table(head, rows, to: &$0) }
            }
        }
    }

    private func table(_ head: [[MarkdownText.Inline]], _ rows: [[[MarkdownText.Inline]]], to html: inout HTMLWriter) {
        html.element("thead") { thead in
            thead.element("tr") { row in
                for cell in head { row.element("th", ["scope": "col"]) { write(cell, to: &$0) } }
            }
        }
        html.element("tbody") { body in
            for cells in rows {
                body.element("tr") { row in
                    for cell in cells { row.element("td") { write(cell, to: &$0) } }
                }
            }
        }
    }

    private func write(_ inlines: [MarkdownText.Inline], to html: inout HTMLWriter) {
        for inline in inlines {
            switch inline {
            case .text(let text): html.text(text)
            case .code(let text): code(text, to: &html)
            case .emphasis(let content): html.element("em") { write(content, to: &$0) }
            case .strong(let content): html.element("strong") { write(content, to: &$0) }
            }
        }
    }
}

extension [MarkdownText.Inline] {
    /// Without markup.
    var plain: String {
        map { inline in
            switch inline {
            case .text(let text), .code(let text): text
            case .emphasis(let content), .strong(let content): content.plain
            }
        }.joined()
    }
}
