import Entra
import PageTexts
import Pages
import Transport

/// The life of an access token as a line. Places are in hundredths of the width, so that its texts keep their size on every screen.
struct TokenTimeline {
    let fetched: Timestamp
    let renewal: Timestamp?
    let end: Timestamp
    private let now: Timestamp

    /// `nil` where there is no token.
    init?(_ token: TokenHealth, at now: Timestamp) {
        guard let age = token.age, let left = token.expiresIn else { return nil }
        self.now = now
        fetched = now - age
        renewal = token.renewsIn.map { now + $0 }
        end = now + left
    }

    func draw(_ html: inout HTMLWriter, _ words: Words) {
        html.element("svg", ["class": "timeline", "role": "img", "width": "100%", "height": "74"]) { svg in
            svg.element("title", words(Text.tokenTimeline))
            svg.element(
                "desc",
                Text.tokenTimelineText(
                    words.language,
                    words.moment(fetched),
                    renewal.map(words.moment) ?? "–",
                    words.moment(end)
                )
            )
            svg.shape("rect", ["class": "track", "x": "0", "y": "26", "width": "100%", "height": "10", "rx": "5"])
            svg.shape(
                "rect",
                ["class": "passed", "x": "0", "y": "26", "width": percent(place(now)), "height": "10", "rx": "5"]
            )
            if let renewal {
                let label = words(renewal < now ? Text.renewalDue : Text.renewed)
                tick("renewal", at: renewal, from: 20, to: 58, label: label, y: 70, &svg)
            }
            tick("end", at: end, from: 20, to: 42, label: words.clock(end), y: 53, &svg)
            tick("start", at: fetched, from: 20, to: 42, label: words.clock(fetched), y: 53, &svg)
            tick("now", at: now, from: 16, to: 42, label: words(Text.now), y: 12, &svg)
        }
    }

    private func tick(
        _ name: String,
        at time: Timestamp,
        from top: Int,
        to bottom: Int,
        label: String,
        y: Int,
        _ svg: inout HTMLWriter
    ) {
        let place = place(time)
        let x = percent(min(max(place, 0.2), 99.8))
        svg.shape("line", ["class": "tick \(name)", "x1": x, "x2": x, "y1": "\(top)", "y2": "\(bottom)"])
        let anchor = place < 12 ? "start" : place > 88 ? "end" : "middle"
        svg.element("text", ["x": percent(place), "y": "\(y)", "text-anchor": anchor], label)
    }

    /// In hundredths of the line, which ends with the token, or now.
    private func place(_ time: Timestamp) -> Double {
        let length = max(end, now).secondsSince1970 - fetched.secondsSince1970
        guard length > 0 else { return 0 }
        return min(max((time.secondsSince1970 - fetched.secondsSince1970) / length, 0), 1) * 100
    }
}

/// With two digits after the point: a tenth of a pixel on the widest screens.
func percent(_ value: Double) -> String { "\(decimal(value))%" }

/// Rounded, without zeros at the end.
func decimal(_ value: Double, digits: Int = 2) -> String {
    let scale = digits == 1 ? 10 : 100
    let (whole, rest) = Int((value * Double(scale)).rounded()).quotientAndRemainder(dividingBy: scale)
    if rest == 0 { return "\(whole)" }
    if digits == 1 { return "\(whole).\(rest)" }
    return rest.isMultiple(of: 10) ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
}
