import PageTexts
import Pages
import Transport

/// The steps of a request, one below the other, each at its place in time.
struct StepsDrawing {
    private static let rowHeight = 40.0
    /// Of less the half, cut to a millisecond, is said at the wrong place.
    private static let leastHalved = Duration.milliseconds(10)

    let steps: [RequestStep]
    let duration: Duration
    let words: Words

    func write(_ html: inout HTMLWriter, title: String, gist: String) {
        let height = Self.rowHeight * Double(steps.count)
        html.element(
            "svg",
            ["class": "chart steps", "role": "img", "width": "100%", "height": decimal(height + 22)]
        ) { svg in
            svg.element("title", title)
            svg.element("desc", gist)
            for quarter in 0...4 {
                let x = percent(Double(quarter) * 25)
                svg.shape("line", ["class": "grid", "x1": x, "x2": x, "y1": "0", "y2": decimal(height + 4)])
            }
            for (row, step) in steps.enumerated() { draw(step, row, &svg) }
            scale(height, &svg)
        }
    }

    private func draw(_ step: RequestStep, _ row: Int, _ svg: inout HTMLWriter) {
        let top = Self.rowHeight * Double(row)
        let left = place(step.offset)
        let right = place(step.offset + step.duration)
        svg.element("text", ["class": "label", "x": "0", "y": decimal(top + 15)]) { label in
            label.text("\(row + 1). \(step.name(words))")
            label.element("tspan", ["class": "total"]) { rest in
                rest.text((step.answer.map { " · " + $0 } ?? "") + " · " + words.latency(step.duration))
            }
        }
        let style =
            switch step.tone {
            case nil: "waited"
            case .good?, .quiet?: "succeeded"
            case .fair?: "refused"
            case .bad?: "failed"
            }
        // Narrow ones are to be seen too.
        let width = max(right - left, 0.35)
        svg.bars(style) { bars in
            bars.bar(x: percent(min(left, 100 - width)), y: top + 20, width: percent(width), height: 12)
        }
    }

    private func scale(_ height: Double, _ svg: inout HTMLWriter) {
        let places: [(share: Double, anchor: String)] = [(0, "start"), (0.5, "middle"), (1, "end")]
        for place in places where place.share != 0.5 || duration >= Self.leastHalved {
            svg.element(
                "text",
                ["x": percent(place.share * 100), "y": decimal(height + 18), "text-anchor": place.anchor],
                words.latency(duration * place.share)
            )
        }
    }

    private func place(_ offset: Duration) -> Double {
        guard duration > .zero else { return 0 }
        return min(max(offset.seconds / duration.seconds, 0), 1) * 100
    }
}
