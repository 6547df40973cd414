import PageTexts
import Pages
import Transport

/// Pacing and limits.
extension OverviewPage {
    /// From this share of a limit on it is worth a look.
    private static let nearLimit = 0.8

    func gauges(_ html: inout HTMLWriter) {
        section(&html, id: "limits", heading: words(Text.limits)) { section in
            if let pause = reading.pacingClosedFor {
                section.element("p", ["class": "banner fair"]) { warning in
                    warning.mark(.fair)
                    warning.text(Text.closed(view.language, words.span(seconds: pause.seconds.rounded(.up))))
                }
            }
            section.element("ul", ["id": "gauges"]) { list in
                for gauge in reading.gauges { item(gauge, &list) }
            }
            if reading.sharesPacing {
                section.element("p", ["id": "shared-limit", "class": "quiet"], words(Text.sharedLimit))
            }
        }
    }

    private func item(_ gauge: ConsoleReading.Gauge, _ html: inout HTMLWriter) {
        let name = gauge.kind.rawValue
        html.element("li", ["data-gauge": name]) { item in
            item.element("span", ["class": "label"], Text.gauges[name].map { words($0) } ?? name)
            guard let limit = gauge.limit else {
                item.element("strong", ["class": "value"], words.number(whole(gauge.value)))
                return
            }
            let share = limit > 0 ? min(max(gauge.value / limit, 0), 1) : 0
            let standing = standing(gauge.kind, share)
            item.element("strong", ["class": "value"]) { value in
                value.text(
                    Text.valueOfLimit(view.language, words.number(whole(gauge.value)), words.number(whole(limit)))
                )
            }
            item.element("svg", ["class": "bar", "width": "100%", "height": "10", "aria-hidden": "true"]) { svg in
                svg.shape("rect", ["class": "track", "width": "100%", "height": "10", "rx": "5"])
                svg.shape(
                    "rect",
                    [
                        "class": "level \(standing.tone.rawValue)", "width": percent(share * 100), "height": "10",
                        "rx": "5",
                    ]
                )
            }
            if let word = standing.word { item.badge(standing.tone, words(word)) }
        }
    }

    private func standing(_ kind: ConsoleReading.Gauge.Kind, _ share: Double) -> (tone: Tone, word: Phrase?) {
        // What is left, where for all others a full bar is what is to be avoided.
        if kind == .pacing { return share > 0 ? (.good, nil) : (.fair, Text.noneLeft) }
        if share >= 1 { return (.bad, Text.atLimit) }
        return share >= Self.nearLimit ? (.fair, Text.nearLimit) : (.good, nil)
    }

    private func whole(_ value: Double) -> Int { Int(min(max(value, 0), 1e12)) }
}
