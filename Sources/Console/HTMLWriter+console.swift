import PageTexts
import Pages
import Transport

/// How something stands; said by its mark and its word, and by its colour besides.
enum Tone: String {
    case good, fair, bad
    /// Neither.
    case quiet
}

extension HTMLWriter {
    /// A mark whose shape alone says how something stands. ``marks()`` has to be on the page.
    mutating func mark(_ tone: Tone) {
        element("svg", ["class": "mark \(tone.rawValue)", "aria-hidden": "true"]) { svg in
            svg.shape("use", ["href": "#mark-\(tone.rawValue)"])
        }
    }

    /// A mark with its word.
    mutating func badge(_ tone: Tone, _ word: String) {
        element("span", ["class": "badge \(tone.rawValue)"]) { span in
            // In the badge's colour.
            span.element("svg", ["class": "mark", "aria-hidden": "true"]) { svg in
                svg.shape("use", ["href": "#mark-\(tone.rawValue)"])
            }
            span.text(word)
        }
    }

    /// A time; `text` is how it is said here.
    mutating func time(_ time: Timestamp, _ text: String) {
        element("time", ["datetime": Words.bounded(time).rfc3339], text)
    }

    /// How long from now, and when.
    mutating func timeBothWays(_ time: Timestamp, _ words: Words) {
        text(words.relative(time))
        element("span", ["class": "quiet"]) { span in
            span.text(" · ")
            span.time(time, words.moment(time))
        }
    }

    /// A text of the catalogue in the page's language, or marked as the English that it is; what stands between ` is code.
    mutating func catalogued(_ english: String, _ language: PageLanguage) {
        if let text = Catalogue.text(english, in: language) {
            prose(text)
        } else {
            element("span", ["lang": "en"]) { $0.prose(english) }
        }
    }

    /// The first clause of such a text, without the mark that ends it.
    mutating func cataloguedClause(_ english: String, _ language: PageLanguage) {
        if let text = Catalogue.text(english, in: language) {
            prose(text.firstClause)
        } else {
            element("span", ["lang": "en"]) { $0.prose(english.firstClause) }
        }
    }

    /// What stands between ` is code.
    mutating func prose(_ text: String) {
        for (index, part) in text.split(separator: "`", omittingEmptySubsequences: false).enumerated() {
            if index.isMultiple(of: 2) { self.text(String(part)) } else { element("code", String(part)) }
        }
    }

    /// What a part of the program says of itself; all of that is English.
    mutating func english(_ text: String, _ language: PageLanguage, class name: String = "message quiet") {
        if language == .english {
            element("p", ["class": name], text)
        } else {
            element("p", ["class": name, "lang": "en"], text)
        }
    }

    /// A term of a description list and what there is to say of it.
    mutating func fact(_ term: String, _ content: (inout HTMLWriter) -> Void) {
        element("div") { group in
            group.element("dt", term)
            group.element("dd", content)
        }
    }

    /// The box in which a wide table scrolls by itself, reached by the keyboard too. No landmark: the section around it is one.
    mutating func scrollBox(_ name: String, _ language: PageLanguage, _ content: (inout HTMLWriter) -> Void) {
        let label = Text.tableOf(language, name)
        element("div", ["class": "scroll", "role": "group", "aria-label": label, "tabindex": "0"], content)
    }

    /// Marks and patterns that the rest of the page refers to. Not hidden by `display`: browsers would not draw them.
    mutating func marks() {
        element("svg", ["class": "definitions", "width": "0", "height": "0", "aria-hidden": "true"]) { svg in
            svg.element("symbol", ["id": "mark-good", "viewBox": "0 0 16 16"]) { symbol in
                symbol.shape("circle", ["cx": "8", "cy": "8", "r": "7.5", "class": "plate"])
                symbol.shape("path", ["d": "M4.4 8.3l2.5 2.5 4.7-5.2", "class": "sign"])
            }
            svg.element("symbol", ["id": "mark-fair", "viewBox": "0 0 16 16"]) { symbol in
                symbol.shape("path", ["d": "M8 .8 15.7 15H.3z", "class": "plate"])
                symbol.shape("path", ["d": "M8 5.6v4.6m0 2v1", "class": "sign"])
            }
            svg.element("symbol", ["id": "mark-bad", "viewBox": "0 0 16 16"]) { symbol in
                symbol.shape("path", ["d": "M5 .5h6L15.5 5v6L11 15.5H5L.5 11V5z", "class": "plate"])
                symbol.shape("path", ["d": "M5.2 5.2l5.6 5.6m0-5.6-5.6 5.6", "class": "sign"])
            }
            svg.element("symbol", ["id": "mark-quiet", "viewBox": "0 0 16 16"]) { symbol in
                symbol.shape("circle", ["cx": "8", "cy": "8", "r": "6.6", "class": "ring"])
                symbol.shape("path", ["d": "M4.8 8h6.4", "class": "ring"])
            }
            svg.element("defs") { defs in
                defs.pattern("hatch", size: 5, path: "M-1 1l2-2M0 5l5-5M4 6l2-2")
                defs.pattern("cross", size: 4, path: "M0 0l4 4M4 0l-4 4")
            }
        }
    }

    private mutating func pattern(_ name: String, size: Int, path: String) {
        element(
            "pattern",
            ["id": name, "width": "\(size)", "height": "\(size)", "patternUnits": "userSpaceOnUse"]
        ) { $0.shape("path", ["d": path, "class": name]) }
    }
}
