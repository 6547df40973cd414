import PageTexts
import Pages

/// What all charts have around them: a caption, the gist in words, a key to what is drawn, and the same as a table.
struct ChartFigure {
    /// One thing that is counted, with how it is drawn: by pattern or place, and by colour besides.
    struct Series {
        var name: String
        /// Of the style sheet.
        var style: String
        var total: String?
    }

    let id: String
    let title: String
    let gist: String
    let height: Double
    let series: [Series]
    let words: Words

    func write(
        _ html: inout HTMLWriter,
        drawing: (inout HTMLWriter) -> Void,
        table: (inout HTMLWriter) -> Void
    ) {
        html.element("figure", ["id": "chart-\(id)"]) { figure in
            figure.element("figcaption") { caption in
                caption.element("h3", ["id": "chart-\(id)-heading"], title)
                if !series.isEmpty { key(&caption) }
            }
            figure.element(
                "svg",
                ["class": "chart", "role": "img", "width": "100%", "height": decimal(height + MinuteAxes.axisHeight)]
            ) { svg in
                svg.element("title", title)
                svg.element("desc", gist)
                drawing(&svg)
            }
            figure.element("p", ["class": "gist"], gist)
            figure.element("details", ["id": "table-\(id)"]) { details in
                details.element("summary", words(Text.asTable))
                details.scrollBox(title, words.language) { box in
                    box.element("table", ["class": "numbers", "aria-labelledby": "chart-\(id)-heading"], table)
                }
            }
        }
    }

    private func key(_ html: inout HTMLWriter) {
        html.element("ul", ["class": "key"]) { list in
            for entry in series {
                list.element("li") { item in
                    item.element("svg", ["class": "swatch", "width": "14", "height": "14", "aria-hidden": "true"]) {
                        svg in
                        svg.bars(entry.style) { $0.bar(x: "1", y: 1, width: "12", height: 12) }
                    }
                    item.text(entry.name)
                    if let total = entry.total { item.element("strong", " " + total) }
                }
            }
        }
    }
}

extension HTMLWriter {
    /// Bars of one style, with its pattern. Those that must not be overlooked have one.
    mutating func bars(_ style: String, _ content: (inout HTMLWriter) -> Void) {
        switch style {
        case "refused", "not-done": element("g", ["class": style, "fill": "url(#hatch)"], content)
        case "failed", "unknown": element("g", ["class": style, "fill": "url(#cross)"], content)
        default: element("g", ["class": style], content)
        }
    }

    mutating func bar(x: String, y: Double, width: String, height: Double) {
        shape("rect", ["x": x, "y": decimal(y, digits: 1), "width": width, "height": decimal(height, digits: 1)])
    }
}
