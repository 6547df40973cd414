import Entra
import PageTexts
import Testing
import Transport

@testable import Console

struct AccessTokenTests {
    private func section(_ change: (inout ConsoleReading) -> Void, _ language: PageLanguage = .english) throws -> Markup
    {
        try #require(try overview(.sample(change), language)[id: "access-token"])
    }

    @Test("its times are told from now and in UTC")
    func times() throws {
        let section = try section { $0.accessToken = .sample(age: minute * 12, life: hour) }
        let facts = section.all("dd").map(\.text)
        #expect(facts[0] == "12 min ago · 2026-11-29 11:48:20 UTC")
        #expect(facts[1] == "in 36 min · 2026-11-29 12:36:20 UTC")
        #expect(facts[2] == "in 48 min · 2026-11-29 12:48:20 UTC")
        #expect(section.all("time").map { $0.attributes["datetime"] }.contains("2026-11-29T12:48:20Z"))
    }

    @Test("the time line says the same to who does not see it")
    func timeline() throws {
        let drawing = try #require(try section { _ in }.all("svg").first { $0.attributes["role"] == "img" })
        #expect(drawing.children[0].name == "title")
        #expect(drawing.children[1].text.contains("ends 2026-11-29 12:48:20 UTC"))
        let passed = try #require(drawing.all(class: "passed").first)
        #expect(passed.attributes["width"] == "20%")
    }

    @Test("without one it says why, and when it is tried again")
    func none() throws {
        let section = try section { $0.accessToken = .sample(failing: .secretExpired) }
        #expect(section.all("dl").isEmpty)
        #expect(section.text.contains("There is no access token yet."))
        #expect(section.text.contains("It is tried again in 1 min."))
        #expect(section.text.contains("Entra answered 401 invalid_client"))
    }

    @Test("while renewing fails it says so beside the token that serves still")
    func failing() throws {
        let section = try section { $0.accessToken = .sample(age: minute * 55, life: hour, failing: .secretExpired) }
        #expect(section.all("dt").map(\.text)[1] == "Renewal was due")
        #expect(section.text.contains("AADSTS7000222"))
        #expect(section.text.contains("1e2f3a4b-0000-4000-8000-00000000abcd"))
        #expect(section.all(class: "badge").map { $0.attributes["class"] } == ["badge fair"])
    }

    @Test("one that has ended is told of, and the line ends now")
    func ended() throws {
        let section = try section { $0.accessToken = .sample(age: hour * 2, life: hour) }
        #expect(section.all("dt").map(\.text).last == "Ended")
        #expect(section.all(class: "passed")[0].attributes["width"] == "100%")
        #expect(section.text.contains("no access token that serves"))
    }
}

struct CredentialTests {
    private func section(_ change: (inout ConsoleReading) -> Void, _ language: PageLanguage = .english) throws -> Markup
    {
        try #require(try overview(.sample(change), language)[id: "credential"])
    }

    struct Remaining: Sendable {
        var time: Duration
        var text: String
        var tone: String?
    }

    @Test(
        "days left are told, from thirty days on as a warning, and afterwards as an alarm",
        arguments: [
            Remaining(time: day * 200 + hour, text: "200 days left", tone: nil),
            Remaining(time: day * 29 + hour, text: "29 days left, replace it", tone: "fair"),
            Remaining(time: day + hour, text: "1 day left, replace it", tone: "fair"),
            Remaining(time: hour, text: "ends today, replace it", tone: "fair"),
            Remaining(time: hour * -1, text: "has ended, replace it", tone: "bad"),
        ]
    )
    func remaining(_ remaining: Remaining) throws {
        let section = try section {
            $0.credential = .sampleSecret(endsIn: remaining.time)
            $0.callerCertificate = nil
        }
        let end = try #require(section.all("div").first { $0.text.hasPrefix("Client secret ends") })
        #expect(end.text.hasPrefix("Client secret ends" + remaining.text))
        #expect(end.all(class: "badge").first?.attributes["class"] == remaining.tone.map { "badge \($0)" })
    }

    @Test("a secret whose end nobody gave says how to give it")
    func unknownEnd() throws {
        let section = try section { $0.credential = .sampleSecret(endsIn: nil) }
        #expect(section.text.contains("AZURE_CLIENT_SECRET_EXPIRES_ON"))
    }

    @Test("a certificate is told by its thumbprint, and so is where it comes from")
    func certificate() throws {
        let section = try section { $0.credential = .sampleCertificate(endsIn: day * 12 + hour) }
        #expect(section.text.contains("3F2A9C04D1E87B56"))
        #expect(section.text.contains("/etc/enrollment-gateway/client.pem"))
        #expect(section.text.contains("12 days left, replace it"))
    }

    @Test("times beyond all calendars break nothing")
    func far() throws {
        let section = try section {
            $0.callerCertificate = CredentialExpiry(.callerCertificate, endsAt: Timestamp(secondsSince1970: 1e30))
        }
        #expect(section.text.contains("9999-12-31"))
    }
}
