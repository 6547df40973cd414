import Activity
import GatewayAPI
import Graph
import KeyRing
import NIOCore
import PageTexts
import Pages
import Settings
import Testing
import Transport

@testable import Console

/// What somebody else has chosen is shown as text, and stays small.
struct HostileTests {
    private static let markup = #"</bdi><script>alert('1')</script>"&amp;\#u{202E}<img src=x onerror=alert(1)>"#

    private static func request(_ name: String) -> RequestSummary {
        .sample(name, status: 504) { request in
            request.requestID = name
            request.route = name
            request.caller = name
            request.profileID = name
            request.code = name
            request.outcome = name
            request.recordID = name
        }
    }

    private static let reading = ConsoleReading.sample { reading in
        reading.version = markup
        reading.checks = [.init(name: markup, status: .notReady, detail: markup, message: markup)]
        reading.keyRing = .sample([.sample(1, markup, comment: markup)])
        reading.history.requests = [.init(number: 1, request: request(markup))]
    }

    private func pages(_ language: PageLanguage) throws -> [String] {
        [
            OverviewPage(Self.reading, .init(language: language)).html,
            OverviewPage(PreviewTests.busy, .init(language: language)).html,
            RequestPage(
                name: .sample(1),
                request: Self.request(Self.markup),
                view: .init(language: language),
                now: noon
            )
            .html,
            RequestPage(name: .sample(1), request: PreviewTests.lostAnswer, view: .init(language: language), now: noon)
                .html,
            GonePage(view: .init(language: language)).html,
        ]
    }

    @Test("no name becomes markup", arguments: PageLanguage.allCases)
    func names(_ language: PageLanguage) throws {
        for html in try pages(language) {
            let page = try Markup(html: html)
            #expect(page.all("img").isEmpty)
            #expect(
                page.all("script").allSatisfy { $0.text.isEmpty && $0.attributes["src"]?.hasPrefix("/assets/") == true }
            )
        }
    }

    @Test("marks of direction end with the name that they are in", arguments: PageLanguage.allCases)
    func direction(_ language: PageLanguage) throws {
        for html in try pages(language) {
            let page = try Markup(html: html)
            let outside = page.all("main")[0].text { element in
                ["bdi", "pre", "svg"].contains(element.name) || Self.isolated.contains(element.name)
                    || element.classes.contains { Self.isolated.contains("." + $0) }
            }
            #expect(!outside.contains("\u{202E}"))
        }
    }

    /// What the style sheet isolates: names of elements, and classes.
    private static let isolated: Set<String> = {
        let rules = String(buffer: PageAsset.consoleStyle.bytes).split(separator: "\n")
        let rule = rules.first { $0.hasSuffix("{ unicode-bidi: isolate; }") } ?? ""
        return Set(rule.prefix { $0 != "{" }.split { $0 == "," || $0 == " " }.map(String.init))
    }()

    @Test("the style sheet isolates what is code, and what may have anything in it")
    func isolation() { #expect(Self.isolated == ["code", ".badge", ".message"]) }

    @Test("nothing is inline that the policy of the pages forbids", arguments: PageLanguage.allCases)
    func policy(_ language: PageLanguage) throws {
        for html in try pages(language) {
            for element in try Markup(html: html).all {
                #expect(element.attributes["style"] == nil)
                #expect(element.name != "style")
                #expect(!element.attributes.keys.contains { $0.hasPrefix("on") })
                for name in ["href", "src"] {
                    guard let address = element.attributes[name] else { continue }
                    // A path, or the page itself.
                    #expect(
                        address.hasPrefix("/") && !address.hasPrefix("//") || address.hasPrefix("#")
                            || address.hasPrefix("?")
                    )
                }
            }
        }
    }

    @Test("ids are there once, and what refers to one finds it", arguments: PageLanguage.allCases)
    func ids(_ language: PageLanguage) throws {
        for html in try pages(language) {
            let page = try Markup(html: html)
            let ids = page.all.compactMap { $0.attributes["id"] }
            #expect(ids.count == Set(ids).count)
            for element in page.all {
                for wanted in [
                    element.attributes["aria-labelledby"], element.attributes["aria-describedby"],
                    element.attributes["href"].flatMap(fragment),
                ] {
                    guard let wanted else { continue }
                    #expect(ids.contains(wanted), "\(wanted)")
                }
            }
        }
    }

    private func fragment(_ address: String) -> String? {
        address.hasPrefix("#") ? String(address.dropFirst()) : nil
    }

    @Test(
        "with ten thousand keys of the longest names and a full history the page has less than 200 kB",
        arguments: PageLanguage.allCases
    )
    func size(_ language: PageLanguage) throws {
        let caller = String(repeating: "W", count: 64)
        let rate = CallerRate(SettingRate("99999/365d")!, burst: 1_000_000)
        let profiles = KeyGrant.Profiles.some(Set((1...500).map { .number($0) }))
        let reading = ConsoleReading.sample { reading in
            reading.checks = reading.checks.map { check in
                .init(
                    name: check.name,
                    status: .degraded,
                    detail: "permission-missing",
                    message: String(repeating: "&", count: 300)
                )
            }
            reading.keyRing = .sample(
                (0..<10_000).map { number in
                    var entry = KeyEntry.sample(
                        number,
                        caller,
                        rights: Set(KeyRight.allCases.dropLast()),
                        profiles: profiles,
                        rate: rate,
                        endsIn: day * (number % 20 - 5),
                        comment: String(repeating: "\"", count: 300)
                    )
                    entry.grant.kinds = Set(ProfileKind.allCases)
                    entry.grant.greatestValidity = 7_776_000
                    return entry
                },
                hasSingle: true
            )
            reading.history = .sample { index, minute in
                minute.succeeded = 54_321 + index
                minute.refused = 4321
                minute.failed = 321
                minute.created = 12_345
                minute.revoked = 2345
                minute.notDone = 345
                minute.unknown = 45
                minute.medianLatency = .milliseconds(1234)
                minute.highLatency = .milliseconds(9876)
            }
            for number in 0..<10_000 {
                reading.history.keys[.number(number)] = .init(
                    lastUsed: noon - minute,
                    requests: 123_456,
                    refusals: 12_345
                )
            }
            reading.history.requests = (0..<RequestHistory.mostRequests).map { index in
                .init(
                    number: 9_999_999 - index,
                    request: .sample("DELETE", status: 400) { request in
                        request.caller = caller
                        request.code = "idempotency-unavailable"
                        request.outcome = "not-revoked"
                        request.route = "/profiles/{profileId}/token/qr-code"
                    }
                )
            }
        }
        let size = OverviewPage(reading, .init(language: language)).html.utf8.count
        #expect(size < 200_000, "\(size) bytes")
    }

    @Test("a comment of marks that pile up on one letter is cut as any other")
    func piled() throws {
        let comment = "a" + String(repeating: "\u{0301}", count: 900)
        let page = try overview(.sample { $0.keyRing = .sample([.sample(1, "portal", comment: comment)]) })
        let shown = try #require(page[id: "keys"]).all(class: "comment")[0].text
        #expect(shown.unicodeScalars.count <= 61)
    }
}

struct LanguageTests {
    /// What is written alike in both languages.
    private static let alike: Set<String> = [
        "UTC", "ms", "s", "ID", "API", "Entra", "Graph", "TLS", "English", "Latency", "AZURE_CLIENT_SECRET_EXPIRES_ON",
        "AADSTS", "trace", "id", "correlation", "client", "request", "LEDGER_URL", "Idempotency", "Key", "API_KEY",
        "GUID", "GRAPH_DEADLINE", "outcome", "unknown", "GET", "POST", "DELETE", "W", "x", "P",
    ]

    @Test("a Chinese page has no English in it that is not marked as such")
    func chinese() throws {
        let pages = [
            OverviewPage(PreviewTests.busy, .init(language: .chinese)).html,
            OverviewPage(.sample(), .init(language: .chinese)).html,
            RequestPage(name: .sample(1), request: .sample(), view: .init(language: .chinese), now: noon).html,
            GonePage(view: .init(language: .chinese)).html,
        ]
        for html in pages {
            let page = try Markup(html: html)
            #expect(page.all("html")[0].attributes["lang"] == "zh-Hans")
            let text = page.all("main")[0].text { element in
                ["code", "bdi", "pre", "time"].contains(element.name) || element.attributes["lang"] == "en"
            }
            let words = text.split { !($0.isASCII && ($0.isLetter || $0 == "_")) }.map(String.init)
            let english = words.filter { !Self.alike.contains($0) && !$0.allSatisfy { $0 == "x" } }
            #expect(english.isEmpty, "\(Set(english).sorted())")
        }
    }

    @Test("an English page has no Chinese in it but the name of the language")
    func english() throws {
        let page = try overview(PreviewTests.busy)
        let text = page.all("main")[0].text
        #expect(
            !text.unicodeScalars.contains {
                (0x3000...0x9FFF).contains($0.value) || (0xFF00...0xFFEF).contains($0.value)
            }
        )
    }

    @Test("titles of codes are those of the answers, and each has a Chinese one", arguments: ProblemCode.allCases)
    func titles(_ code: ProblemCode) throws {
        let title = try #require(Phrase.title(ofCode: code.rawValue))
        #expect(title.english == code.title)
        #expect(title.chinese != title.english)
    }

    @Test("the other language and the pages of keys keep what was asked for")
    func addresses() throws {
        let view = ConsolePages.View(language: .english, page: 3, isRefreshing: false)
        let page = try Markup(html: OverviewPage(.sample(), view).html)
        #expect(page.all("a").contains { $0.attributes["href"] == "/?lang=zh-Hans&page=3&refresh=off" })
        #expect(page.all("noscript").flatMap { $0.all("meta") }.isEmpty)
        #expect(page.all("noscript")[0].all("a")[0].attributes["href"] == "/?lang=en&page=3")
    }

    @Test("Chinese sentences stand side by side, with their own marks between words")
    func marks() throws {
        let page = try overview(
            .sample { reading in
                reading.checks[0] = .init(name: "serving", status: .notReady, detail: "starting")
                reading.checks[1] = .init(name: "access-token", status: .notReady, detail: "starting")
                reading.accessToken = .sample(failing: .secretExpired)
                var entry = KeyEntry.sample(1, "portal")
                entry.grant.kinds = Set(ProfileKind.allCases)
                reading.keyRing = .sample([entry])
            },
            .chinese
        )
        #expect(page.all(class: "trouble")[0].all(class: "badge")[0].text == "服务状态、访问令牌")
        #expect(try #require(page[id: "access-token"]).text.contains("尝试失败了。将在"))
        let kinds = try #require(page[id: "keys"]).all(class: "comment")[0].text
        #expect(kinds.count { $0 == "、" } == ProfileKind.allCases.count - 1)
        #expect(page.all("footer")[0].text.contains("UTC（5 小时前）。本页"))
        #expect(try #require(page[id: "stale"]).text == "本页内容已过时：无法重新读取。正在重试。以下内容来自 。")
    }

    @Test("without a script the page is read anew, and may be told not to")
    func refresh() throws {
        let page = try overview(.sample())
        #expect(page.all("noscript")[0].all("meta")[0].attributes == ["http-equiv": "refresh", "content": "5"])
        #expect(page.all("noscript")[1].all("a")[0].attributes["href"] == "/?lang=en&refresh=off")
        #expect(try #require(page[id: "pause"]).attributes["hidden"] == "")
        #expect(try #require(page[id: "age"]).text == "Read at 2026-11-29 12:00:20 UTC · Refreshed every 5 s")
    }
}
