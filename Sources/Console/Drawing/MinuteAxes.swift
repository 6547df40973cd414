import Activity
import Pages
import Transport

/// The ground of a chart of minutes: lines of the scale, and times below.
///
/// Places across are in hundredths of the width, those downwards in pixels, so that texts and bars keep their size on every screen.
struct MinuteAxes {
    static let axisHeight = 20.0

    let minutes: [Minute]
    /// Of the plot, without the times.
    let height: Double
    /// What the top stands for.
    let top: Double

    init(minutes: [Minute], height: Double, greatest: Double) {
        self.minutes = minutes
        self.height = height
        top = Self.roundedUp(greatest)
    }

    /// The next one whose half is no odd number either: 1, 2, 3, 4, 6, 8, 10, 20 …
    static func roundedUp(_ value: Double) -> Double {
        var unit = 1.0
        while unit < 1e12 {
            for step in [1.0, 2.0, 3.0, 4.0, 6.0, 8.0] where value <= unit * step { return unit * step }
            unit *= 10
        }
        return value
    }

    /// Of one minute, in hundredths.
    private var slot: Double { 100 / Double(max(minutes.count, 1)) }
    private func middle(_ index: Int) -> Double { (Double(index) + 0.5) * slot }

    /// Bars without a pattern: one path in a drawing of its own, which is as wide as there are minutes and drawn to the whole
    /// width. Sixty rectangles would take three times as much.
    func solid(_ style: String, _ svg: inout HTMLWriter, of bar: (Int) -> (bottom: Double, height: Double)?) {
        var path = ""
        for index in minutes.indices {
            guard let bar = bar(index) else { continue }
            let height = decimal(bar.height, digits: 1)
            path += "M\(index).1 \(decimal(bar.bottom, digits: 1))v-\(height)h.8v\(height)z"
        }
        guard !path.isEmpty else { return }
        svg.element(
            "svg",
            [
                "class": style, "width": "100%", "height": decimal(height), "preserveAspectRatio": "none",
                "viewBox": "0 0 \(minutes.count) \(decimal(height))",
            ]
        ) { $0.shape("path", ["d": path]) }
    }

    /// Bars with a pattern, which would be distorted with such a drawing.
    func patterned(_ style: String, _ svg: inout HTMLWriter, of bar: (Int) -> (bottom: Double, height: Double)?) {
        let all = minutes.indices.compactMap { index in bar(index).map { (index, $0) } }
        guard !all.isEmpty else { return }
        svg.bars(style) { bars in
            for (index, bar) in all {
                bars.bar(
                    x: percent((Double(index) + 0.1) * slot),
                    y: bar.bottom - bar.height,
                    width: percent(slot * 0.8),
                    height: bar.height
                )
            }
        }
    }

    func y(_ value: Double) -> Double { height - length(value) }
    func length(_ value: Double) -> Double { top > 0 ? min(value / top, 1) * (height - Self.headroom) : 0 }

    /// For the scale's topmost number.
    private static let headroom = 16.0

    func scale(_ svg: inout HTMLWriter, label: (Double) -> String) {
        for value in [top, top / 2] {
            let y = decimal(y(value))
            svg.shape("line", ["class": "grid", "x1": "0", "x2": "100%", "y1": y, "y2": y])
            svg.element("text", ["x": "0", "y": decimal(self.y(value) - 4)], label(value))
        }
    }

    func base(_ svg: inout HTMLWriter) {
        let y = decimal(height)
        svg.shape("line", ["class": "base", "x1": "0", "x2": "100%", "y1": y, "y2": y])
    }

    /// Each quarter of an hour.
    func times(_ svg: inout HTMLWriter, _ words: Words) {
        for (index, minute) in minutes.enumerated() where Int(minute.start.secondsSince1970 / 60) % 15 == 0 {
            let place = middle(index)
            svg.shape(
                "line",
                [
                    "class": "base", "x1": percent(place), "x2": percent(place), "y1": decimal(height),
                    "y2": decimal(height + 4),
                ]
            )
            let anchor = place < 5 ? "start" : place > 95 ? "end" : "middle"
            svg.element(
                "text",
                ["x": percent(place), "y": decimal(height + 16), "text-anchor": anchor],
                words.minute(minute.start)
            )
        }
    }
}
