import Entra
import Explanations
import PageTexts
import Testing
import Transport

@testable import Console

struct StatusTests {
    private func banner(_ reading: ConsoleReading, _ language: PageLanguage = .english) throws -> Markup {
        try #require(try overview(reading, language)[id: "status"])
    }

    @Test("a gateway that is well says so in a sentence, with a mark and a colour")
    func ready() throws {
        let banner = try banner(.sample())
        #expect(banner.attributes["data-status"] == "ready")
        #expect(banner.attributes["class"] == "banner good")
        #expect(banner.all("h1")[0].text == "Ready: requests are served.")
        #expect(banner.all("h1")[0].all("use")[0].attributes["href"] == "#mark-good")
        #expect(banner.all(class: "trouble").isEmpty)
        let chinese = try self.banner(.sample(), .chinese)
        #expect(chinese.all("h1")[0].text == "就绪：正在处理请求。")
    }

    struct Trouble: Sendable, CustomTestStringConvertible {
        var check: String
        var status: ConsoleReading.Check.Status
        var detail: String
        var area = Explanation.Area.readiness
        var testDescription: String { "\(check): \(detail)" }
    }

    private static let troubles: [Trouble] = [
        .init(check: "serving", status: .notReady, detail: "starting"),
        .init(check: "serving", status: .notReady, detail: "draining"),
        .init(check: "access-token", status: .notReady, detail: "secret-wrong", area: .credential),
        .init(check: "access-token", status: .degraded, detail: "unreachable", area: .credential),
        .init(check: "permission", status: .notReady, detail: "permission-missing"),
        .init(check: "credential", status: .degraded, detail: "expires-soon"),
        .init(check: "key-ring", status: .degraded, detail: "key-ring-unusable"),
        .init(check: "key-ring", status: .degraded, detail: "no-key-in-force"),
        .init(check: "ledger", status: .degraded, detail: "ledger-unavailable"),
    ]

    @Test("each trouble is told with its meaning, who must act and the step, in both languages", arguments: troubles)
    func trouble(_ trouble: Trouble) throws {
        let known = try #require(Explanations.find(trouble.detail, in: trouble.area))
        let reading = ConsoleReading.sample(trouble.check, trouble.status, trouble.detail, message: "it is so")
        for language in PageLanguage.allCases {
            let banner = try banner(reading, language)
            let isBad = trouble.status == .notReady
            #expect(banner.attributes["data-status"] == trouble.status.rawValue)
            #expect(banner.attributes["class"] == (isBad ? "banner bad" : "banner fair"))
            let told = try #require(banner.all(class: "trouble").first)
            #expect(told.attributes["data-detail"] == trouble.detail)
            #expect(told.text.contains(try plain(known.meaning, language)))
            let remedy = try #require(banner.all(class: "remedy").first)
            #expect(remedy.text.contains(try plain(known.step, language)))
            #expect(remedy.text.contains(try plain(known.actor.title, language)) == (known.actor != .nobody))
            let message = try #require(told.all(class: "message").first)
            #expect(message.text == "it is so")
            #expect(message.attributes["lang"] == (language == .english ? nil : "en"))
        }
    }

    /// As it is shown: what stands between ` is code.
    private func plain(_ english: String, _ language: PageLanguage) throws -> String {
        try #require(Catalogue.text(english, in: language)).replacing("`", with: "")
    }

    struct Headline: Sendable {
        var check: String
        var status: ConsoleReading.Check.Status
        var detail: String
        var english: String
        var chinese: String
    }

    private static let headlines: [Headline] = [
        .init(
            check: "key-ring",
            status: .degraded,
            detail: "no-key-in-force",
            english: "Degraded: No key is valid now.",
            chinese: "降级：目前没有有效的密钥。"
        ),
        .init(
            check: "ledger",
            status: .degraded,
            detail: "ledger-unavailable",
            english: "Degraded: The ledger cannot be written.",
            chinese: "降级：台账无法写入。"
        ),
        .init(
            check: "serving",
            status: .notReady,
            detail: "draining",
            english: "Not ready: The gateway was told to end.",
            chinese: "未就绪：网关已收到停止的指令。"
        ),
        .init(
            check: "permission",
            status: .notReady,
            detail: "permission-missing",
            english: "Not ready: The access token lacks the role DeviceManagementConfiguration.ReadWrite.All.",
            chinese: "未就绪：访问令牌缺少角色 DeviceManagementConfiguration.ReadWrite.All。"
        ),
        .init(
            check: "ledger",
            status: .degraded,
            detail: "no-such-code",
            english: "Degraded: something needs attention.",
            chinese: "降级：有问题需要关注。"
        ),
        .init(
            check: "ledger",
            status: .notReady,
            detail: "no-such-code",
            english: "Not ready: callers should not be sent here.",
            chinese: "未就绪：目前不应向此网关发送请求。"
        ),
    ]

    @Test("the headline tells the trouble itself, and nothing that need not be so", arguments: headlines)
    func headline(_ headline: Headline) throws {
        let reading = ConsoleReading.sample(headline.check, headline.status, headline.detail)
        #expect(try banner(reading).all("h1")[0].text == headline.english)
        #expect(try banner(reading, .chinese).all("h1")[0].text == headline.chinese)
    }

    @Test("of several troubles the headline tells the foremost")
    func foremost() throws {
        let reading = ConsoleReading.sample { reading in
            reading.checks[0] = .init(name: "serving", status: .notReady, detail: "draining")
            reading.checks[4] = .init(name: "key-ring", status: .degraded, detail: "no-key-in-force")
        }
        #expect(try banner(reading).all("h1")[0].text == "Not ready: The gateway was told to end.")
    }

    @Test("every explanation begins with a clause that fits into a headline", arguments: PageLanguage.allCases)
    func clauses(_ language: PageLanguage) throws {
        for known in Explanations.all where [.readiness, .credential, .entra].contains(known.area) {
            let clause = try #require(Catalogue.text(known.meaning, in: language)).firstClause
            #expect((4...130).contains(clause.count), "\(known.code): \(clause)")
            // What is opened is closed.
            #expect(clause.count { $0 == "`" }.isMultiple(of: 2), "\(clause)")
            for (open, close) in [("(", ")"), ("（", "）")] as [(Character, Character)] {
                #expect(clause.count { $0 == open } == clause.count { $0 == close }, "\(clause)")
            }
        }
    }

    @Test("Entra's own code tells more than the reason, and is what is shown")
    func aadsts() throws {
        var reading = ConsoleReading.sample("access-token", .notReady, "secret-expired")
        reading.accessToken = .sample(failing: .secretExpired)
        let banner = try banner(reading)
        let known = try #require(Explanations.aadsts(7_000_222))
        #expect(banner.all(class: "trouble")[0].text.contains(known.meaning))
    }

    @Test("the worst comes first, and of those alike the one that somebody has to act upon")
    func order() throws {
        let reading = ConsoleReading.sample { reading in
            reading.checks[0] = .init(name: "serving", status: .notReady, detail: "starting")
            reading.checks[1] = .init(name: "access-token", status: .notReady, detail: "secret-wrong")
            reading.checks[3] = .init(name: "credential", status: .degraded, detail: "expires-soon")
            reading.checks[5] = .init(name: "ledger", status: .notReady, detail: "settling")
        }
        let told = try banner(reading).all(class: "trouble").map { $0.attributes["data-detail"] }
        #expect(told == ["secret-wrong", "starting", "settling", "expires-soon"])
    }

    @Test("checks that say the same are told of once")
    func same() throws {
        let reading = ConsoleReading.sample { reading in
            reading.checks[0] = .init(name: "serving", status: .notReady, detail: "starting")
            reading.checks[1] = .init(name: "access-token", status: .notReady, detail: "starting")
        }
        let told = try banner(reading).all(class: "trouble")
        #expect(told.count == 1)
        #expect(told[0].all(class: "badge")[0].text == "Serving, Access token")
    }

    @Test("what nobody has explained is told by its message alone")
    func unexplained() throws {
        let reading = ConsoleReading.sample("ledger", .degraded, "no-such-code", message: "something ails")
        let banner = try banner(reading, .chinese)
        #expect(banner.text.contains(Phrase.Console.unexplained.chinese))
        #expect(banner.all(class: "message")[0].text == "something ails")
    }

    @Test("what is good to know of a check in order does not make the page look ill")
    func note() throws {
        let reading = ConsoleReading.sample("permission", .ready, "permission-excessive", message: "others: Mail.Read")
        let banner = try banner(reading)
        #expect(banner.attributes["data-status"] == "ready")
        #expect(banner.all("details")[0].text.contains("Mail.Read"))
    }

    @Test("a page that could not be read anew does not say why, and tells of its age")
    func stale() throws {
        let warning = try #require(try banner(.sample()).all("p").first { $0.attributes["id"] == "stale" })
        #expect(warning.attributes["hidden"] == "")
        #expect(
            warning.text
                == "This page is out of date: it could not be read anew. Trying again. What is below is from . "
        )
        let trying = warning.all("span").filter { $0.attributes["data-trying"] != nil }.map(\.text)
        #expect(trying == [" Trying again."])
    }

    @Test("how it is read anew is there both ways, for the button", arguments: [true, false])
    func bothWays(_ isRefreshing: Bool) throws {
        let page = try Markup(
            html: OverviewPage(.sample(), .init(language: .english, isRefreshing: isRefreshing)).html
        )
        let refreshing = try #require(page[id: "refreshing"])
        #expect(refreshing.attributes["data-on"] == "Refreshed every 5 s")
        #expect(refreshing.attributes["data-off"] == "Not refreshed by itself")
        #expect(refreshing.text == (isRefreshing ? "Refreshed every 5 s" : "Not refreshed by itself"))
    }

    @Test("all checks are listed with their state in words")
    func checks() throws {
        let list = try banner(.sample("ledger", .degraded, "settling")).all(class: "checks")[0].all("li")
        #expect(list.count == 6)
        #expect(list[1].text == "Access token Ready")
        #expect(list[5].text == "Ledger Degraded")
    }
}
