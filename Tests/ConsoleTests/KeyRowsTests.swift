import Activity
import KeyRing
import PageTexts
import Testing
import Transport

@testable import Console

struct KeyRowsTests {
    private func rows(_ reading: ConsoleReading, page: Int = 1) throws -> [Markup] {
        try #require(try overview(reading, page: page)[id: "keys"]).all("tbody")[0].all("tr")
    }

    @Test("what needs an eye comes first: still used, near the end; then the others by caller")
    func order() throws {
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample(
                [
                    .sample(1, "zebra"),
                    .sample(2, "alpaca", endsIn: day * 100),
                    .sample(3, "gone", endsIn: day * -3),
                    .sample(4, "forgotten", endsIn: day * -30),
                    .sample(5, "ending-later", endsIn: day * 9),
                    .sample(6, "ending-soon", endsIn: day * 2),
                    .sample(7, "banned", revokedAt: noon - day),
                    .sample(8, "coming", notBefore: noon + day),
                    .sample(9, "banned-but-back", revokedAt: noon - day),
                ],
                hasSingle: true
            )
            reading.history.keys = [
                .number(4): .init(lastUsed: noon, requests: 5, refusals: 5),
                .number(9): .init(lastUsed: noon, requests: 1, refusals: 1),
                .number(3): .init(lastUsed: noon - hour * 4, requests: 0, refusals: 0),
            ]
        }
        let rows = try rows(reading)
        #expect(
            rows.map { $0.all("bdi")[0].text } == [
                "banned-but-back", "forgotten", "ending-soon", "ending-later", "default", "alpaca", "zebra", "coming",
                "gone", "banned",
            ]
        )
        #expect(
            rows.map { $0.attributes["data-state"] } == [
                "revoked", "expired", "ending", "ending", "live", "live", "live", "not-yet-valid", "expired", "revoked",
            ]
        )
        #expect(rows[0].all(class: "badge")[0].text == "revoked, still used")
        #expect(rows[0].all("use")[0].attributes["href"] == "#mark-bad")
        #expect(rows[2].all(class: "badge")[0].text == "near its end")
        #expect(rows[2].all("use")[0].attributes["href"] == "#mark-fair")
        #expect(rows[2].text.contains("in 2 days"))
        #expect(rows[4].attributes["data-key"] == "API_KEY")
    }

    @Test("a key that was used until its end, and not after it, is one that has ended", arguments: [-1, 0, 1])
    func usedBefore(_ seconds: Int) throws {
        let end = noon - minute * 10
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample([
                .sample(1, "expired", endsIn: minute * -10), .sample(2, "revoked", endsIn: day, revokedAt: end),
            ])
            for number in 1...2 {
                reading.history.keys[.number(number)] = .init(lastUsed: end + .seconds(seconds), requests: 40)
            }
        }
        let badges = try rows(reading).map { $0.all(class: "badge")[0].text }
        #expect(badges == (seconds > 0 ? ["expired, still used", "revoked, still used"] : ["expired", "revoked"]))
    }

    @Test("fifty keys are on a page, and every key is on one of them")
    func pages() throws {
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample(
                (0..<120).map { .sample($0, "caller-\($0 % 10)", endsIn: $0 < 70 ? day * 5 : nil) },
                hasSingle: true
            )
        }
        var seen: [String] = []
        for page in 1...3 {
            let rows = try rows(reading, page: page)
            #expect(rows.count == (page < 3 ? 50 : 21))
            seen += rows.compactMap { $0.attributes["data-key"] }
        }
        #expect(seen.count == 121)
        #expect(Set(seen).count == 121)
        #expect(seen[70] == "API_KEY")
    }

    @Test("pages lead to their neighbours, and one that is none is the nearest", arguments: [-4, 1, 2, 3, 900])
    func links(_ page: Int) throws {
        let reading = ConsoleReading.sample { $0.keyRing = .sample((0..<120).map { .sample($0, "caller") }) }
        let navigation = try #require(try overview(reading, page: page).all(class: "pages").first)
        let shown = min(max(page, 1), 3)
        #expect(navigation.all("span")[0].text == "Page \(shown) of 3")
        let links = navigation.all("a").map { $0.attributes["rel"] }
        #expect(links == (shown == 1 ? ["next"] : shown == 3 ? ["prev"] : ["prev", "next"]))
        let address = navigation.all("a").last?.attributes["href"]
        #expect(
            address
                == ["/?lang=en&page=2#key-ring", "/?lang=en&page=3#key-ring", "/?lang=en&page=2#key-ring"][shown - 1]
        )
    }

    @Test("keys are counted by state")
    func counts() throws {
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample(
                (0..<1200).map { .sample($0, "caller", endsIn: $0 < 3 ? day * -1 : nil) },
                hasSingle: true
            )
        }
        let counts = try overview(reading).all(class: "counts")[0].all("li").map(\.text)
        #expect(counts == ["1,198 live", "3 expired"])
    }

    @Test("no key at all is an alarm")
    func none() throws {
        let page = try overview(.sample { $0.keyRing = .sample() })
        #expect(page[id: "keys"] == nil)
        #expect(try #require(page[id: "key-ring"]).text.contains("There is no key: all callers are refused."))
    }

    @Test("of many profiles three are named")
    func profiles() throws {
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample([
                .sample(1, "many", profiles: .some(Set((1...5000).map { .number($0) }))),
                .sample(2, "one", profiles: .some([.number(77)])),
            ])
        }
        let rows = try rows(reading)
        #expect(rows[0].all("summary")[0].text == "5,000 profiles")
        #expect(
            rows[0].all("li").map(\.text) == [
                "aaaaaaaa-0000-4000-8000-000000000001", "aaaaaaaa-0000-4000-8000-000000000002",
                "aaaaaaaa-0000-4000-8000-000000000003", "and 4,997 more",
            ]
        )
        #expect(rows[1].all("summary")[0].text == "1 profile")
    }

    @Test("where profiles of a key are left out, the command is named that shows them", arguments: [3, 4])
    func command(_ count: Int) throws {
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample([.sample(1, "some", profiles: .some(Set((1...count).map { .number($0) })))])
        }
        let codes = try #require(try overview(reading)[id: "key-notes"]).all("code").map(\.text)
        #expect(codes == (count > 3 ? ["enrollment-gateway keys list --json"] : []))
    }

    @Test("a key that is not valid yet says when it begins")
    func notYetValid() throws {
        let reading = ConsoleReading.sample { $0.keyRing = .sample([.sample(1, "soon", notBefore: noon + day * 3)]) }
        #expect(try rows(reading)[0].all("td")[2].text == "begins in 3 days 2026-12-02")
        let chinese = try #require(try overview(reading, .chinese)[id: "keys"]).all("tbody")[0]
        #expect(chinese.all("td")[2].text == "3 天后生效 2026-12-02")
    }

    @Test("use is this gateway's own since its start, and the page says so")
    func use() throws {
        let reading = ConsoleReading.sample { reading in
            reading.keyRing = .sample([.sample(1, "portal"), .sample(2, "unused")])
            reading.history.keys = [.number(1): .init(lastUsed: noon - minute * 3, requests: 1234, refusals: 7)]
        }
        let page = try overview(reading)
        #expect(try #require(page[id: "key-notes"]).text.contains("since it started 5 h ago"))
        let rows = try rows(reading)
        #expect(rows[0].all("td").dropFirst(3).prefix(3).map(\.text) == ["3 min ago", "1,234", "7"])
        #expect(rows[1].all("td").dropFirst(3).prefix(3).map(\.text) == ["not yet", "0", "0"])
    }
}
