import Activity
import PageTexts
import Pages
import Transport

/// Requests, outcomes and latency of the last hour.
extension OverviewPage {
    private static let chartHeight = 152.0

    private var minutes: [Minute] { reading.history.minutes }

    func charts(_ html: inout HTMLWriter) {
        section(&html, id: "last-hour", heading: words(Text.lastHour)) { section in
            section.element("div", ["id": "charts"]) { charts in
                guard minutes.contains(where: { $0.total > 0 }) else {
                    charts.element("p", ["class": "quiet"], words(Text.noRequests))
                    return
                }
                requestChart(&charts)
                outcomeChart(&charts)
                latencyChart(&charts)
            }
        }
    }

    // MARK: Requests

    private func requestChart(_ html: inout HTMLWriter) {
        let sums = (sum(\.succeeded), sum(\.refused), sum(\.failed))
        let peak = minutes.max { $0.total < $1.total }
        let gist = Text.requestsGist(
            view.language,
            words.number(sums.0 + sums.1 + sums.2),
            words.number(sums.0),
            words.number(sums.1),
            words.number(sums.2),
            words.number(peak?.total ?? 0),
            peak.map { words.minute($0.start) } ?? "–",
            words.number(minutes.last?.total ?? 0)
        )
        let figure = ChartFigure(
            id: "requests",
            title: words(Text.requestsPerMinute),
            gist: gist,
            height: Self.chartHeight,
            series: [
                .init(name: words(Text.succeeded), style: "succeeded", total: words.number(sums.0)),
                .init(name: words(Text.refused), style: "refused", total: words.number(sums.1)),
                .init(name: words(Text.failed), style: "failed", total: words.number(sums.2)),
            ],
            words: words
        )
        let axes = MinuteAxes(minutes: minutes, height: figure.height, greatest: Double(peak?.total ?? 0))
        figure.write(&html) { svg in
            axes.scale(&svg) { label(count: $0) }
            axes.solid("succeeded", &svg) { bar(on: 0, minutes[$0].succeeded, axes) }
            axes.patterned("refused", &svg) { bar(on: minutes[$0].succeeded, minutes[$0].refused, axes) }
            axes.patterned("failed", &svg) {
                bar(on: minutes[$0].succeeded + minutes[$0].refused, minutes[$0].failed, axes)
            }
            axes.base(&svg)
            axes.times(&svg, words)
        } table: { table in
            minuteTable(
                &table,
                [Text.succeeded, Text.refused, Text.failed],
                of: { $0.total > 0 },
                { [words.number($0.succeeded), words.number($0.refused), words.number($0.failed)] }
            )
        }
    }

    private func bar(on below: Int, _ count: Int, _ axes: MinuteAxes) -> (bottom: Double, height: Double)? {
        count == 0 ? nil : bar(from: Double(below), to: Double(below + count), axes)
    }

    /// Not less than a pixel and a half high: a single failure among thousands is to be seen.
    private func bar(from bottom: Double, to top: Double, _ axes: MinuteAxes) -> (bottom: Double, height: Double) {
        (axes.y(bottom), max(axes.length(top) - axes.length(bottom), 1.5))
    }

    // MARK: Outcomes

    /// Each has a line of its own, so that one that is unknown is not lost among those that were created.
    private func outcomeChart(_ html: inout HTMLWriter) {
        let lines: [(style: String, name: Phrase, count: KeyPath<Minute, Int>, isPatterned: Bool)] = [
            ("created", Text.createdTokens, \.created, false), ("revoked", Text.revokedTokens, \.revoked, false),
            ("not-done", Text.notDone, \.notDone, true), ("unknown", Text.unknown, \.unknown, true),
        ]
        let gist = Text.outcomesGist(
            view.language,
            words.number(sum(\.created)),
            words.number(sum(\.revoked)),
            words.number(sum(\.notDone)),
            words.number(sum(\.unknown)),
            words.number(minutes.last?.outcomes ?? 0)
        )
        let line = Self.chartHeight / Double(lines.count)
        // The rest of a line is for its name.
        let room = line - 20
        let figure = ChartFigure(
            id: "outcomes",
            title: words(Text.outcomes),
            gist: gist,
            height: Self.chartHeight,
            series: [],
            words: words
        )
        let greatest = lines.map { line in minutes.map { $0[keyPath: line.count] }.max() ?? 0 }.max() ?? 0
        let axes = MinuteAxes(minutes: minutes, height: figure.height, greatest: Double(greatest))
        figure.write(&html) { svg in
            for (row, entry) in lines.enumerated() {
                let base = line * Double(row + 1)
                let total = words.number(sum(entry.count))
                svg.element("text", ["class": "label", "x": "0", "y": decimal(base - room - 6)]) { text in
                    text.text(words(entry.name) + " ")
                    text.element("tspan", ["class": "total"], total)
                }
                let bar = { (index: Int) -> (bottom: Double, height: Double)? in
                    let count = minutes[index][keyPath: entry.count]
                    return count == 0 ? nil : (base, max(Double(count) / axes.top * room, 3))
                }
                if entry.isPatterned {
                    axes.patterned(entry.style, &svg, of: bar)
                } else {
                    axes.solid(entry.style, &svg, of: bar)
                }
                let y = decimal(base)
                svg.shape("line", ["class": "base", "x1": "0", "x2": "100%", "y1": y, "y2": y])
            }
            axes.times(&svg, words)
        } table: { table in
            minuteTable(&table, lines.map(\.name), of: { $0.outcomes > 0 }) { minute in
                lines.map { words.number(minute[keyPath: $0.count]) }
            }
        }
    }

    // MARK: Latency

    /// A full bar up to the median, in an empty one up to the 95th percentile.
    private func latencyChart(_ html: inout HTMLWriter) {
        let measured = minutes.filter { $0.medianLatency != nil }
        guard let worst = measured.max(by: { $0.high < $1.high }), let last = measured.last else {
            html.element("p", ["class": "quiet"], words(Text.noLatency))
            return
        }
        let gist = Text.latencyGist(
            view.language,
            words.minute(worst.start),
            words.latency(worst.median),
            words.latency(worst.high),
            words.latency(last.median),
            words.latency(last.high)
        )
        let figure = ChartFigure(
            id: "latency",
            title: words(Text.latency),
            gist: gist,
            height: Self.chartHeight,
            series: [
                .init(name: words(Text.median), style: "median", total: nil),
                .init(name: words(Text.high), style: "high", total: nil),
            ],
            words: words
        )
        let axes = MinuteAxes(minutes: minutes, height: figure.height, greatest: worst.high.seconds * 1000)
        figure.write(&html) { svg in
            axes.scale(&svg) { label(milliseconds: $0) }
            axes.solid("high", &svg) { latencyBar(minutes[$0], to: minutes[$0].high, axes) }
            axes.solid("median", &svg) { latencyBar(minutes[$0], to: minutes[$0].median, axes) }
            axes.base(&svg)
            axes.times(&svg, words)
        } table: { table in
            minuteTable(&table, [Text.median, Text.high], of: { $0.medianLatency != nil }) {
                [words.latency($0.median), words.latency($0.high)]
            }
        }
    }

    private func latencyBar(
        _ minute: Minute,
        to latency: Duration,
        _ axes: MinuteAxes
    ) -> (bottom: Double, height: Double)? {
        minute.medianLatency == nil ? nil : bar(from: 0, to: latency.seconds * 1000, axes)
    }

    // MARK: Numbers

    /// The newest first, and those alone that have something in them.
    private func minuteTable(
        _ html: inout HTMLWriter,
        _ columns: [Phrase],
        of isShown: (Minute) -> Bool,
        _ cells: (Minute) -> [String]
    ) {
        html.element("thead") { head in
            head.element("tr") { row in
                row.element("th", ["scope": "col"], words(Text.minute))
                for column in columns { row.element("th", ["scope": "col"], words(column)) }
            }
        }
        html.element("tbody") { body in
            for minute in minutes.reversed() where isShown(minute) {
                body.element("tr") { row in
                    row.element("th", ["scope": "row"], words.minute(minute.start))
                    for cell in cells(minute) { row.element("td", cell) }
                }
            }
        }
    }

    private func sum(_ count: KeyPath<Minute, Int>) -> Int { minutes.reduce(0) { $0 + $1[keyPath: count] } }

    /// Half of an odd number has no place on a scale of requests.
    private func label(count: Double) -> String { count == count.rounded() ? words.number(Int(count)) : "" }

    /// Nor has that of an odd number of milliseconds.
    private func label(milliseconds: Double) -> String {
        milliseconds == milliseconds.rounded() ? words.latency(.milliseconds(Int(milliseconds))) : ""
    }
}

extension Minute {
    fileprivate var total: Int { succeeded + refused + failed }
    fileprivate var outcomes: Int { created + revoked + notDone + unknown }
    fileprivate var median: Duration { medianLatency ?? .zero }
    fileprivate var high: Duration { highLatency ?? median }
}
