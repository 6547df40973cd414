import Activity
import PageTexts
import Testing
import Transport

@testable import Console

struct GaugeTests {
    private func gauge(_ gauge: ConsoleReading.Gauge) throws -> Markup {
        let page = try overview(.sample { $0.gauges = [gauge] })
        return try #require(page[id: "gauges"]?.all("li").first)
    }

    @Test("what has a limit is a bar and says both numbers, and when it is near")
    func limits() throws {
        #expect(try gauge(.init(.inFlight, 3, of: 256)).text == "Requests being answered3 of 256")
        #expect(try gauge(.init(.connections, 900, of: 1024)).all(class: "badge").map(\.text) == ["near its limit"])
        let full = try gauge(.init(.inFlight, 300, of: 256))
        #expect(full.all(class: "badge").map(\.text) == ["at its limit"])
        #expect(full.all(class: "level")[0].attributes["width"] == "100%")
        #expect(try gauge(.init(.pacing, 20, of: 20)).all(class: "badge").isEmpty)
        #expect(try gauge(.init(.pacing, 0, of: 20)).all(class: "badge").map(\.text) == ["none left: writes wait"])
    }

    @Test("what has none is a number")
    func numbers() throws {
        let gauge = try gauge(.init(.waitingForTurn, 1250))
        #expect(gauge.text == "Waiting for their profile's turn1,250")
        #expect(gauge.all("svg").isEmpty)
    }

    @Test("every kind has a name in both languages", arguments: ConsoleReading.Gauge.Kind.allCases)
    func names(_ kind: ConsoleReading.Gauge.Kind) { #expect(Phrase.Console.gauges[kind.rawValue] != nil) }

    @Test("a pause that Graph asked for is told with its length")
    func pause() throws {
        let page = try overview(.sample { $0.pacingClosedFor = .milliseconds(11_400) })
        #expect(try #require(page[id: "limits"]).text.contains("nothing is sent for another 12 s"))
    }

    @Test("a limit that gateways share is said to be more than these numbers", arguments: PageLanguage.allCases)
    func shared(_ language: PageLanguage) throws {
        #expect(try overview(.sample(), language)[id: "shared-limit"] == nil)
        let note = try #require(try overview(.sample { $0.sharesPacing = true }, language)[id: "shared-limit"])
        #expect(note.text == Phrase.Console.sharedLimit[language])
    }
}

struct ChartTests {
    private let busy = ConsoleReading.sample { reading in
        reading.history = .sample { index, minute in
            guard index >= 50 else { return }
            minute.succeeded = index
            minute.refused = 2
            minute.failed = index == 55 ? 1 : 0
            minute.created = 3
            minute.unknown = index == 55 ? 1 : 0
            minute.medianLatency = .milliseconds(100 + index)
            minute.highLatency = .milliseconds(index == 55 ? 2500 : 400)
        }
    }

    @Test("each chart is a figure with a caption, the gist in words and a table")
    func figures() throws {
        let figures = try #require(try overview(busy)[id: "charts"]).all("figure")
        #expect(figures.count == 3)
        for figure in figures {
            #expect(figure.children[0].name == "figcaption")
            let drawing = try #require(figure.all("svg").first { $0.attributes["role"] == "img" })
            #expect(drawing.children.prefix(2).map(\.name) == ["title", "desc"])
            #expect(figure.all("details")[0].all("tbody")[0].all("tr").count == 10)
        }
        #expect(
            figures[0].all("desc")[0].text
                == "Requests in the last hour: 566 (545 succeeded, 20 refused, 1 failed). At most 61 in a minute, at 12:00. In the present minute 61."
        )
        #expect(
            figures[1].all("desc")[0].text
                == "In the last hour 30 created, 0 revoked, 0 not done, 1 unknown. In the present minute 3 in all."
        )
        #expect(
            figures[2].all("desc")[0].text
                == "The worst minute, at 11:56: median 155 ms, 95th percentile 2.50 s. The last minute with an answer: median 159 ms, 95th percentile 400 ms."
        )
        #expect(
            figures[0].all("tbody")[0].all("tr")[0].all.filter { ["th", "td"].contains($0.name) }.map(\.text) == [
                "12:00", "59", "2", "0",
            ]
        )
    }

    @Test("what is refused and what failed are told apart by their pattern")
    func patterns() throws {
        let drawing = try #require(try overview(busy)[id: "chart-requests"]).all(class: "chart")[0]
        #expect(drawing.all(class: "refused").map { $0.attributes["fill"] } == ["url(#hatch)"])
        #expect(drawing.all(class: "failed").map { $0.attributes["fill"] } == ["url(#cross)"])
        #expect(drawing.all(class: "succeeded").map { $0.attributes["fill"] } == [nil])
    }

    @Test("a single failure among thousands is to be seen")
    func small() throws {
        let reading = ConsoleReading.sample { reading in
            reading.history = .sample { index, minute in
                minute.succeeded = 90_000
                minute.failed = index == 9 ? 1 : 0
            }
        }
        let bar = try #require(try overview(reading)[id: "chart-requests"]).all(class: "failed").last?.children.first
        let height = try #require(bar?.attributes["height"])
        #expect(try #require(Double(height)) >= 1.5)
    }

    @Test("an hour without requests has no empty charts")
    func empty() throws {
        for history in [RequestHistory.Reading(), .sample { _, _ in }] {
            let charts = try #require(try overview(.sample { $0.history = history })[id: "charts"])
            #expect(charts.text == "Nothing was asked in the last hour.")
        }
    }

    @Test(
        "the scale of latency has no number where that is no whole millisecond",
        arguments: [(700, ["1 ms", ""]), (2900, ["3 ms", ""]), (3900, ["4 ms", "2 ms"])]
    )
    func lowLatency(_ microseconds: Int, _ labels: [String]) throws {
        let reading = ConsoleReading.sample { reading in
            reading.history = .sample { index, minute in
                guard index == 50 else { return }
                minute.succeeded = 1
                minute.medianLatency = .microseconds(300)
                minute.highLatency = .microseconds(microseconds)
            }
        }
        let figure = try #require(try overview(reading)[id: "chart-latency"])
        let drawing = figure.all(class: "chart")[0]
        #expect(drawing.children.filter { $0.name == "text" }.prefix(2).map(\.text) == labels)
        #expect(figure.all("tbody")[0].all("td")[0].text == "< 1 ms")
    }

    @Test(
        "a scale ends with a number that is easily halved",
        arguments: zip([0, 1, 3, 7, 12, 61, 5001], [1, 1, 3, 8, 20, 80, 6000])
    )
    func scale(_ value: Double, _ top: Double) { #expect(MinuteAxes.roundedUp(value) == top) }
}

struct LastRequestsTests {
    @Test("each request is a row that leads to its steps")
    func rows() throws {
        let reading = ConsoleReading.sample { reading in
            reading.history.requests = [
                .init(number: 12, request: .sample { $0.outcome = "created" }),
                .init(
                    number: 11,
                    request: .sample(status: 504) {
                        $0.code = "outcome-unknown"
                        $0.outcome = "unknown"
                    }
                ),
                .init(
                    number: 10,
                    request: .sample("none", status: 431) {
                        $0.code = "headers-too-large"
                        $0.route = nil
                        $0.caller = nil
                        $0.profileID = nil
                    }
                ),
            ]
        }
        let rows = try #require(try overview(reading)[id: "requests"]).all("tbody")[0].all("tr")
        #expect(rows.map { $0.attributes["data-number"] } == ["12", "11", "10"])
        #expect(rows[0].all("a")[0].attributes["href"] == "/requests/start-12?lang=en")
        #expect(
            rows[0].all.filter { ["th", "td"].contains($0.name) }.map(\.text) == [
                "12:00:08", "portal-eu", "POST /profiles/{profileId}/token", "aaaaaaaa-0000-4000-8000-000000000001",
                "created", "–", "201", "412 ms",
            ]
        )
        #expect(rows[1].text.contains("Outcome unknown"))
        #expect(rows[1].all(class: "badge").map { $0.attributes["class"] } == ["badge bad", "badge bad"])
        #expect(rows[2].text.contains("unreadable head"))
        let chinese = try #require(try overview(reading, .chinese)[id: "requests"])
        #expect(chinese.text.contains("结果未知"))
        #expect(chinese.text.contains("已创建"))
    }

    @Test("the page says how few of them may be strangers'")
    func strangers() throws {
        let reading = ConsoleReading.sample { $0.history.requests = [.init(number: 1, request: .sample())] }
        let english = try #require(try overview(reading)[id: "last-requests"]).text
        #expect(english.contains("at most 30 without a known key, where callers' own fill the rest"))
        let chinese = try #require(try overview(reading, .chinese)[id: "last-requests"]).text
        #expect(chinese.contains("没有已知密钥的请求最多占 30 个"))
    }

    @Test("one that was answered again is told from a second creation")
    func replay() throws {
        let reading = ConsoleReading.sample { reading in
            reading.history.requests = [
                .init(
                    number: 12,
                    request: .sample { request in
                        request.outcome = "created"
                        request.isReplay = true
                    }
                )
            ]
        }
        for (language, mark) in [(PageLanguage.english, "(of an earlier request)"), (.chinese, "（先前请求的结果）")] {
            let rows = try #require(try overview(reading, language)[id: "requests"]).all("tbody")[0].all("tr")
            #expect(rows[0].all(class: "comment").map(\.text) == [mark])
        }
    }

    @Test("before the first request the page says so")
    func none() throws {
        let page = try overview(.sample())
        #expect(page[id: "requests"] == nil)
        #expect(try #require(page[id: "last-requests"]).text.contains("Nothing was asked since the gateway started."))
    }
}
