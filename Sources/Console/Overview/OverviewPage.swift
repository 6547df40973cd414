import PageTexts
import Pages
import Transport

/// `/`: all that there is to see at one moment.
struct OverviewPage {
    /// So often it is read anew.
    static let refreshSeconds = 5

    let reading: ConsoleReading
    let view: ConsolePages.View
    let words: Words
    let keys: KeyRows

    init(_ reading: ConsoleReading, _ view: ConsolePages.View) {
        self.reading = reading
        self.view = view
        words = Words(language: view.language, now: reading.now)
        keys = KeyRows(reading, page: view.page)
    }

    var html: String {
        var document = PageDocument(
            language: view.language,
            title: "\(words(statusWord)) · \(words(Phrase.product))",
            assetRoot: ConsolePages.assetRoot
        ) { [view] in
            ConsoleAddress.overview(view.speaking($0))
        }
        document.styles = [.consoleStyle]
        document.scripts = [.consoleScript]
        document.refreshSeconds = view.isRefreshing ? Self.refreshSeconds : nil
        document.navigation = [(words(Text.title), nil)]
        return document.html { main in
            main.marks()
            age(&main)
            status(&main)
            contents(&main)
            main.element("div", ["class": "columns"]) { columns in
                accessToken(&columns)
                credential(&columns)
            }
            gauges(&main)
            charts(&main)
            keyRing(&main)
            lastRequests(&main)
            foot(&main)
        }
    }

    /// A part of the page with its heading.
    func section(
        _ html: inout HTMLWriter,
        id: String,
        heading: String,
        _ content: (inout HTMLWriter) -> Void
    ) {
        html.element("section", ["id": id, "aria-labelledby": "\(id)-heading"]) { section in
            section.element("h2", ["id": "\(id)-heading"], heading)
            content(&section)
        }
    }

    // MARK: Around the parts

    /// When it was read, and how it is read anew: by the script, which shows the button, or by the browser.
    private func age(_ html: inout HTMLWriter) {
        let seconds = String(Self.refreshSeconds)
        html.element("div", ["class": "age-line"]) { line in
            line.element("p", ["id": "age", "class": "quiet", "data-refresh": view.isRefreshing ? seconds : "off"]) {
                age in
                age.text(words(Text.readAt) + " ")
                age.time(reading.now, words.moment(reading.now))
                age.text(" · ")
                refreshing(seconds, &age)
            }
            line.element(
                "button",
                [
                    "id": "pause", "type": "button", "class": "second", "hidden": "",
                    "data-pause": words(Text.pause), "data-continue": words(Text.goOn), "data-seconds": seconds,
                ],
                words(Text.pause)
            )
            line.element("noscript") { noscript in
                var other = view
                other.isRefreshing.toggle()
                noscript.element(
                    "a",
                    ["href": ConsoleAddress.overview(other)],
                    words(view.isRefreshing ? Text.stopRefreshing : Text.startRefreshing)
                )
            }
        }
    }

    /// Both ways to say it, for the script swaps them with its button.
    private func refreshing(_ seconds: String, _ html: inout HTMLWriter) {
        let on = Text.refreshesEvery(view.language, seconds)
        let off = words(Text.notRefreshing)
        html.element(
            "span",
            ["id": "refreshing", "data-on": on, "data-off": off],
            view.isRefreshing ? on : off
        )
    }

    private func contents(_ html: inout HTMLWriter) {
        let parts: [(id: String, name: Phrase)] = [
            ("access-token", Text.accessToken), ("limits", Text.limits), ("last-hour", Text.lastHour),
            ("key-ring", Text.keyRing), ("last-requests", Text.lastRequestsShort),
        ]
        html.element("nav", ["class": "contents", "aria-label": words(Text.onThisPage)]) { nav in
            nav.element("ul") { list in
                for part in parts {
                    list.element("li") { $0.element("a", ["href": "#\(part.id)"], words(part.name)) }
                }
            }
        }
    }

    private func foot(_ html: inout HTMLWriter) {
        html.element("footer", ["class": "foot quiet"]) { foot in
            foot.element("p") { line in
                line.text(words(Phrase.product) + " ")
                line.name(reading.version)
                line.text(words(Text.started) + " ")
                line.time(reading.startedAt, words.moment(reading.startedAt))
                line.text(Text.inBrackets(view.language, words.relative(reading.startedAt)))
                line.text(words(Text.fullStop) + words(Text.changesNothing))
            }
        }
    }
}
