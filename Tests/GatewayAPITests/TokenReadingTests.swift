import HTTPTypes
import Settings
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

@Suite("Reading a token", .timeLimit(.minutes(5)))
struct TokenReadingTests {
    private struct Token: Decodable, Equatable {
        var profileId = Gateway.profile
        var kind = "android-for-work"
        var status: String
        var createdAt: String?
        var expiresAt: String?
        var secondsLeft: Int?
        var value: String?
        var qrCodeContent: String?
    }

    struct Row: Sendable, CustomTestStringConvertible {
        /// `TOKEN_EXPIRING_SECONDS`.
        var threshold: Int?
        var timeLeft: Duration?
        var status: String
        var secondsLeft: Int?
        var testDescription: String { "\(threshold ?? 600): \(timeLeft.map(String.init(describing:)) ?? "no end")" }

        init(_ threshold: Int?, _ timeLeft: Duration?, _ status: String, _ secondsLeft: Int?) {
            self.threshold = threshold
            self.timeLeft = timeLeft
            self.status = status
            self.secondsLeft = secondsLeft
        }
    }

    private static let rows: [Row] = [
        Row(nil, .seconds(3600), "active", 3600),
        Row(nil, .milliseconds(600_999), "active", 600),
        Row(nil, .seconds(600), "active", 600),
        Row(nil, .milliseconds(599_999), "expiring", 599),
        Row(nil, .seconds(1), "expiring", 1),
        Row(nil, .milliseconds(999), "expiring", 0),
        Row(nil, .nanoseconds(1), "expiring", 0),
        Row(nil, .zero, "expired", 0),
        Row(nil, .nanoseconds(-1), "expired", 0),
        Row(nil, .milliseconds(-1500), "expired", 0),
        Row(nil, .seconds(-2_051_244_000), "expired", 0),
        Row(nil, nil, "active", nil),
        Row(600, .seconds(600), "active", 600),
        Row(600, .milliseconds(599_999), "expiring", 599),
        Row(0, .nanoseconds(1), "active", 0),
        Row(0, .zero, "expired", 0),
        Row(0, .seconds(-1), "expired", 0),
        Row(1, .seconds(1), "active", 1),
        Row(1, .milliseconds(999), "expiring", 0),
        Row(2_051_244_000, .seconds(2_051_244_000), "active", 2_051_244_000),
        Row(2_051_244_000, .milliseconds(2_051_243_999_999), "expiring", 2_051_243_999),
        Row(2_051_244_000, .seconds(1), "expiring", 1),
        Row(2_051_244_000, .zero, "expired", 0),
        Row(2_051_244_000, nil, "active", nil),
    ]

    @Test("what is left decides the status, and whether the token itself is shown", arguments: rows)
    func status(row: Row) async throws {
        let settings = row.threshold.map { ["TOKEN_EXPIRING_SECONDS": String($0)] } ?? [:]
        let gateway = Gateway(tokens: ScriptedTokens(showing: .sample(timeLeft: row.timeLeft)), settings: settings)
        let answer = try await gateway.send(.get, Gateway.path)
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Cache-Control"] == "no-store")
        #expect(answer["Location"] == nil)
        let isUsable = row.status != "expired"
        #expect(
            try answer.decoded(Token.self)
                == Token(
                    status: row.status,
                    expiresAt: row.timeLeft.map { _ in "2026-03-02T09:15:30Z" },
                    secondsLeft: row.secondsLeft,
                    value: isUsable ? ShownToken.sampleValue : nil,
                    qrCodeContent: isUsable ? ShownToken.sampleContent : nil
                )
        )
        let members: Set<String> =
            isUsable
            ? ["profileId", "kind", "status", "expiresAt", "secondsLeft", "value", "qrCodeContent"]
            : ["profileId", "kind", "status", "expiresAt", "secondsLeft"]
        #expect(answer.members == (row.timeLeft == nil ? members.subtracting(["expiresAt", "secondsLeft"]) : members))
    }

    @Test("a profile without a token is 200 and says none, whatever else it shows")
    func noToken() async throws {
        var withTimes = ShownToken.sample
        (withTimes.value, withTimes.isThere) = (nil, false)
        withTimes.createdAt = Timestamp(secondsSince1970: 1_772_439_330)
        for token in [ShownToken(), withTimes] {
            let answer = try await Gateway(tokens: ScriptedTokens(showing: token)).send(.get, Gateway.path)
            #expect(answer.status == 200)
            #expect(try answer.decoded(Token.self) == Token(status: "none"))
            #expect(answer.members == ["profileId", "kind", "status"])
        }
    }

    @Test("one that the profile does not show yet has a status and an end, and no value")
    func notYetShown() async throws {
        let token = ShownToken(
            isThere: true,
            expiresAt: Timestamp(secondsSince1970: 1_772_442_930),
            timeLeft: .seconds(3000)
        )
        let answer = try await Gateway(tokens: ScriptedTokens(showing: token)).send(.get, Gateway.path)
        #expect(answer.members == ["profileId", "kind", "status", "expiresAt", "secondsLeft"])
        #expect(try answer.decoded(Token.self).status == "active")
    }

    @Test("a token without a QR code has no such member")
    func noQRCode() async throws {
        var token = ShownToken.sample
        token.qrCodeContent = nil
        let answer = try await Gateway(tokens: ScriptedTokens(showing: token)).send(.get, Gateway.path)
        #expect(answer.members == ["profileId", "kind", "status", "expiresAt", "secondsLeft", "value"])
    }

    @Test("when it was made is told where Graph tells it, also of one that has ended")
    func createdAt() async throws {
        for timeLeft in [Duration.seconds(60), .seconds(-60)] {
            var token = ShownToken.sample(timeLeft: timeLeft)
            token.createdAt = Timestamp(secondsSince1970: 1_772_439_330)
            let gateway = Gateway(tokens: ScriptedTokens(showing: token))
            let answer = try await gateway.send(.get, Gateway.path + "?kind=device-owner")
            let shown = try answer.decoded(Token.self)
            #expect(shown.kind == "device-owner")
            #expect(shown.createdAt == "2026-03-02T08:15:30Z")
        }
    }

    @Test("text of any kind in a QR code comes out as it went in")
    func escaping() async throws {
        let content = "\u{0}\u{1F}\"\\/\n\r\t\u{7F}\u{9F}\u{2028}é\u{1F600}</script>"
        var token = ShownToken.sample
        token.qrCodeContent = Secret(content)
        let answer = try await Gateway(tokens: ScriptedTokens(showing: token)).send(.get, Gateway.path)
        #expect(try answer.decoded(Token.self).qrCodeContent == content)
    }

    @Test("Graph is asked once, for the token and its QR code, and not for a picture of it")
    func asked() async throws {
        let gateway = Gateway()
        _ = try await gateway.send(.get, Gateway.path)
        let profile = ProfileReference(kind: .androidForWork, id: try #require(ProfileID(Gateway.profile)))
        #expect(gateway.tokens.asked == [.token(profile, .withQRCode)])
    }

    @Test("the log has what Graph answered, no outcome, and nothing of the token")
    func log() async throws {
        let gateway = Gateway()
        _ = try await gateway.send(.get, Gateway.path, [("X-Request-ID", "mine")])
        var line = try #require(gateway.accessLines.first)
        line["duration_ms"] = nil
        #expect(
            line == [
                "request.id": "mine", "http.method": "GET", "http.route": "/profiles/{profileId}/token",
                "http.status": "200", "caller": "default", "profile.id": Gateway.profile,
                "upstream.status": "200", "upstream.requests": "1", "graph.request_id": "read-id",
            ]
        )
        #expect(!gateway.everyLine.contains { $0.contains(ShownToken.sampleValue) })
    }
}
