import Activity
import Explanations
import Graph
import NIOCore
import PageTexts
import Pages
import Testing
import Transport

@testable import Console

struct RequestPageTests {
    private func page(_ request: RequestSummary, _ language: PageLanguage = .english) throws -> Markup {
        try Markup(
            html: RequestPage(name: .sample(12), request: request, view: .init(language: language), now: noon).html
        )
    }

    @Test("all that is known of a request is on its page")
    func facts() throws {
        let page = try page(PreviewTests.lostAnswer)
        let facts = try #require(page[id: "facts"]).text
        for known in [
            "2026-11-29 12:00:08 UTC", "12 s ago", "POST", "/profiles/{profileId}/token", "504", "unknown", "12.8 s",
            "portal-eu", "aaaaaaah", "aaaaaaaa-0000-4000-8000-000000000001", "0f8fad5b-d9cb-469f-a165-70867728950e",
            "019ad0f2-7b3c-7abc-8def-0123456789ab",
            "enrollment-gateway audit --json --profile aaaaaaaa-0000-4000-8000-000000000001 --since 2026-11-29T11:59:08Z | grep 019ad0f2-7b3c-7abc-8def-0123456789ab",
            "The caller hung up",
        ] { #expect(facts.contains(known), "\(known)") }
    }

    @Test("its code is explained, with who must act, in both languages", arguments: PageLanguage.allCases)
    func meaning(_ language: PageLanguage) throws {
        let known = try #require(Explanations.find("outcome-unknown", in: .gateway))
        let meaning = try #require(try page(PreviewTests.lostAnswer, language)[id: "meaning"]).text
        for text in [known.meaning, known.actor.title, known.step] {
            let shown = try #require(Catalogue.text(text, in: language)).replacing("`", with: "")
            #expect(meaning.contains(shown))
        }
    }

    @Test(
        "one that was done says what was done",
        arguments: [
            ("created", "was created"), ("revoked", "was revoked"), ("reused", "none was created"),
            (nil, "as it was asked"),
        ]
    )
    func done(_ outcome: String?, _ words: String) throws {
        let page = try page(.sample { $0.outcome = outcome })
        #expect(try #require(page[id: "meaning"]).text.contains(words))
    }

    @Test("the record of one that was answered again is looked for from the beginning, for it is the first one's")
    func replayedRecord() throws {
        let page = try page(
            .sample { request in
                request.isReplay = true
                request.recordID = "019ad0f2-7b3c-7abc-8def-0123456789ab"
            }
        )
        let command =
            "enrollment-gateway audit --json --profile aaaaaaaa-0000-4000-8000-000000000001 | grep 019ad0f2-7b3c-7abc-8def-0123456789ab"
        #expect(try #require(page[id: "facts"]).all("pre").map(\.text) == [command])
    }

    @Test("one that was answered again has created and revoked nothing", arguments: ["created", "revoked", "reused"])
    func replayed(_ outcome: String) throws {
        let request = RequestSummary.sample { request in
            request.isReplay = true
            request.outcome = outcome
        }
        let page = try page(request)
        let meaning = try #require(page[id: "meaning"]?.all("p").first).text
        #expect(
            meaning
                == "It was told what an earlier request with its Idempotency-Key came to; nothing was sent for this one."
        )
        #expect(try #require(page[id: "facts"]).text.contains("(of an earlier request)"))
        #expect(try #require(try self.page(request, .chinese)[id: "facts"]).text.contains("（先前请求的结果）"))
    }

    @Test("a refusal that was given again is explained, and says that it was")
    func replayedRefusal() throws {
        let page = try page(
            .sample(status: 404) { request in
                request.isReplay = true
                request.code = "profile-not-found"
                request.outcome = "not-created"
            }
        )
        #expect(try #require(page[id: "facts"]).text.contains("It was told what an earlier request"))
    }

    @Test("a creation without Graph's word for it says that reading found it")
    func found() throws {
        let lost = attempt(.createToken, at: 3, for: 90, status: nil, error: .connectionLost)
        let read = attempt(.readProfile, at: 600, for: 40, .readBack, status: 200)
        let found = try page(
            .sample { request in
                request.outcome = "created"
                request.attempts = [lost, read]
            }
        )
        let words = "An enrollment token was created. Graph did not confirm it; reading the profile did."
        #expect(try #require(found[id: "meaning"]?.all("p").first).text == words)
        let confirmed = try page(
            .sample { request in
                request.outcome = "created"
                request.attempts = [lost, attempt(.createToken, at: 700, for: 80, .retry, status: 204), read]
            }
        )
        let plain = "An enrollment token was created."
        #expect(try #require(confirmed[id: "meaning"]?.all("p").first).text == plain)
    }

    @Test("waits and attempts are told in the order in which they began, as a picture and as a table")
    func steps() throws {
        let steps = try #require(try page(PreviewTests.lostAnswer)[id: "steps"])
        let drawing = steps.all("svg")[0]
        #expect(drawing.attributes["role"] == "img")
        #expect(drawing.all("desc")[0].text == "Waits: 3, requests to Graph: 4, within 12.8 s.")
        let rows = steps.all("tbody")[0].all("tr")
        #expect(rows.count == 7)
        let names = rows.map { $0.all("th")[0].children[0].text }
        #expect(
            names == [
                "1. Write to the ledger", "2. Wait for the profile's turn", "3. Read the profile",
                "4. Create the enrollment token", "5. Pause before the next attempt", "6. Read the profile",
                "7. Read the profile",
            ]
        )
        #expect(
            rows[2].all("td").map(\.text).prefix(4) == [
                "+320 ms", "90 ms", "200", "5c1f2f5e-7d2b-4b43-9e0a-1f2e3d4c5b6a",
            ]
        )
        #expect(rows[2].all(class: "comment")[0].text == "to know what was there before")
        #expect(rows[3].all("td")[2].text == "no answer timed-out")
        #expect(rows[3].all("td")[4].text == "c0ffee00-7d2b-4b43-9e0a-1f2e3d4c5b6a")
        #expect(rows[3].all(class: "badge")[0].attributes["class"] == "badge bad")
    }

    @Test("what went wrong on the way is explained, each thing once")
    func meanings() throws {
        let terms = try page(PreviewTests.lostAnswer).all(class: "meanings")[0].all("dt").map(\.text)
        #expect(terms == ["timed-out", "503", "connection-lost"])
    }

    @Test("places on the time line are inside of it, whatever clocks say")
    func places() throws {
        let page = try page(
            .sample { request in
                request.duration = .milliseconds(10)
                request.waits = [.init(step: "turn", offset: .milliseconds(-5), duration: .seconds(9))]
                request.attempts = [attempt(.createToken, at: 4000, for: 1, status: 204)]
            }
        )
        for bar in try #require(page[id: "steps"]).all("rect") {
            let (x, size) = (try #require(bar.attributes["x"]), try #require(bar.attributes["width"]))
            let (left, width) = (try #require(Double(x.dropLast())), try #require(Double(size.dropLast())))
            #expect(left >= 0 && width > 0 && left + width <= 100.01)
        }
    }

    @Test(
        "the time line of a short request has no number where that would be another one's",
        arguments: [(600, ["0 ms", "< 1 ms"]), (3000, ["0 ms", "3 ms"]), (12_000, ["0 ms", "6 ms", "12 ms"])]
    )
    func short(_ microseconds: Int, _ labels: [String]) throws {
        let page = try page(
            .sample { request in
                request.duration = .microseconds(microseconds)
                request.attempts = [attempt(.readProfile, at: 0, for: 0, .read, status: 200)]
            }
        )
        let drawing = try #require(page[id: "steps"]).all(class: "chart")[0]
        let scale = drawing.children.filter { $0.name == "text" && $0.attributes["class"] != "label" }
        #expect(scale.map(\.text) == labels)
    }

    @Test("one that the gateway answered by itself has no empty picture")
    func noSteps() throws {
        let steps = try #require(try page(.sample(status: 403) { $0.code = "permission-denied" })[id: "steps"])
        #expect(steps.all("svg").isEmpty)
        #expect(steps.text.contains("the gateway answered by itself"))
    }

    @Test("a name that is none of the last ones is 404, and leads back", arguments: [nil, RequestName.sample(7)])
    func gone(_ name: RequestName?) async throws {
        let pages = ConsolePages(read: { .sample() }, request: { _ in nil })
        let answer = await pages.request(name, .init(language: .chinese))
        #expect(answer.status == 404)
        let page = try Markup(html: String(buffer: answer.body))
        #expect(page.all("h1")[0].text == "未保留此请求")
        #expect(page.all("a").map { $0.attributes["href"] }.contains("/?lang=zh-Hans"))
    }

    @Test("one that is kept is answered")
    func kept() async throws {
        let pages = ConsolePages(read: { .sample() }, request: { $0 == .sample(12) ? .sample() : nil })
        let answer = await pages.request(.sample(12), .init(language: .english))
        #expect(answer.status == 200)
        let page = try Markup(html: String(buffer: answer.body))
        #expect(page.all("h1")[0].text == "Request 12")
        // It stays the same one in the other language.
        #expect(page.all("a").map { $0.attributes["href"] }.contains("/requests/start-12?lang=zh-Hans"))
    }

    @Test("who opens a request and goes back finds what was asked for")
    func wayBack() async throws {
        let view = ConsolePages.View(language: .english, page: 2, isRefreshing: false)
        let reading = ConsoleReading.sample { $0.history.requests = [.init(number: 12, request: .sample())] }
        let overview = try Markup(html: OverviewPage(reading, view).html)
        let link = try #require(overview[id: "requests"]).all("a")[0].attributes["href"]
        #expect(link == "/requests/start-12?lang=en&page=2&refresh=off")

        let pages = ConsolePages(read: { reading }, request: { $0 == .sample(12) ? .sample() : nil })
        let opened = try Markup(html: String(buffer: await pages.request(.sample(12), view).body))
        #expect(opened.all("nav")[0].all("a")[0].attributes["href"] == "/?lang=en&page=2&refresh=off")
        let other = opened.all(class: "languages")[0].all("a")[0].attributes["href"]
        #expect(other == "/requests/start-12?lang=zh-Hans&page=2&refresh=off")

        let gone = try Markup(html: String(buffer: await pages.request(.sample(7), view).body))
        #expect(gone.all("nav")[0].all("a")[0].attributes["href"] == "/?lang=en&page=2&refresh=off")
        #expect(gone.all("main")[0].all("a")[0].attributes["href"] == "/?lang=en&page=2&refresh=off")
        // Of the page itself, whatever its address.
        let same = gone.all(class: "languages")[0].all("a")[0].attributes["href"]
        #expect(same == "?lang=zh-Hans&page=2&refresh=off")
    }
}
