import HTTPTypes
import KeyRing
import Settings
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

@Suite("The answer to a creation that asks for more", .timeLimit(.minutes(5)))
struct MintingAnswerTests {
    private struct Minted: Decodable, Equatable {
        var profileId = Gateway.profile
        var tokenValidityInSeconds: Int?
        var kind: String?
        var status: String?
        var createdAt: String?
        var expiresAt: String?
        var secondsLeft: Int?
        var graphRequestId: String?
        var representation: String?
        var value: String?
        var qrCodeContent: String?

        static var created: Minted {
            Minted(
                tokenValidityInSeconds: 3600,
                kind: "android-for-work",
                createdAt: "2026-03-02T08:15:30Z",
                expiresAt: "2026-03-02T09:15:30Z",
                graphRequestId: CreatedToken.graphRequestID
            )
        }

        static var reused: Minted {
            Minted(kind: "android-for-work", status: "active", expiresAt: "2026-03-02T09:15:30Z", secondsLeft: 3600)
        }
    }

    private static let whole = [("Prefer", "return=representation")]
    private static let reuse = #"{"tokenValidityInSeconds":7200,"reuseIfValidForSeconds":1800}"#

    private func gateway(creating representation: CreatedToken.Representation?) -> Gateway {
        var token = CreatedToken.sample()
        token.representation = representation
        return Gateway(tokens: ScriptedTokens(minting: .created(token)))
    }

    private func gateway(reusing token: ShownToken = .sample) -> Gateway {
        Gateway(tokens: ScriptedTokens(minting: .present(token)))
    }

    private func send(_ gateway: Gateway, _ fields: [(String, String)] = [], body: String) async throws -> Answer {
        try await gateway.send(fields + jsonFields, body: body)
    }

    // MARK: Representation

    @Test("a complete representation has the value and, where there is one, the QR code, and says what was applied")
    func complete() async throws {
        for content in [Secret(ShownToken.sampleContent), nil] {
            let gateway = gateway(
                creating: .complete(value: Secret(ShownToken.sampleValue), qrCodeContent: content)
            )
            let answer = try await send(gateway, Self.whole, body: #"{"tokenValidityInSeconds":3600}"#)
            #expect(answer.status == 201)
            #expect(answer["Location"] == Gateway.path)
            #expect(answer["Preference-Applied"] == "return=representation")
            #expect(answer["Cache-Control"] == "no-store")
            var expected = Minted.created
            expected.representation = "complete"
            expected.value = ShownToken.sampleValue
            expected.qrCodeContent = content.map { _ in ShownToken.sampleContent }
            #expect(try answer.decoded(Minted.self) == expected)
            #expect(answer.members.contains("qrCodeContent") == (content != nil))
            #expect(answer.members.count == (content == nil ? 8 : 9))
        }
    }

    @Test("a representation that did not come in time is pending, and no preference was applied")
    func pending() async throws {
        let answer = try await send(
            gateway(creating: .pending),
            Self.whole,
            body: #"{"tokenValidityInSeconds":3600}"#
        )
        #expect(answer.status == 201)
        #expect(answer["Location"] == Gateway.path)
        #expect(answer["Preference-Applied"] == nil)
        var expected = Minted.created
        expected.representation = "pending"
        #expect(try answer.decoded(Minted.self) == expected)
        #expect(answer.members.count == 7)
    }

    @Test(
        "the first return preference counts, and only representation asks Graph for the token",
        arguments: [
            ("return=representation", true), ("Return = \"Representation\"", true),
            ("respond-async, return=representation; x=y", true), ("return=representation, return=minimal", true),
            ("return=minimal, return=representation", false), ("return=minimal", false), ("return", false),
            ("return=all, return=representation", false), ("representation", false), ("", false),
        ]
    )
    func preference(prefer: String, wantsRepresentation: Bool) async throws {
        let gateway = Gateway()
        _ = try await gateway.send([("Prefer", prefer)])
        #expect(gateway.tokens.orders.map(\.wantsRepresentation) == [wantsRepresentation])
    }

    // MARK: Reuse

    @Test("a token that is good enough is 200 with what may be known of it, and without its value")
    func reused() async throws {
        let answer = try await send(gateway(), body: Self.reuse)
        #expect(answer.status == 200)
        #expect(answer["Content-Type"] == "application/json")
        #expect(answer["Location"] == Gateway.path)
        #expect(answer["Preference-Applied"] == nil)
        #expect(try answer.decoded(Minted.self) == .reused)
        #expect(answer.members == ["profileId", "kind", "status", "expiresAt", "secondsLeft"])
    }

    @Test("a reused token of the other kind has its time of creation, and its kind in Location")
    func reusedKind() async throws {
        var token = ShownToken.sample(timeLeft: .seconds(500))
        token.createdAt = Timestamp(secondsSince1970: 1_772_439_330)
        let answer = try await gateway(reusing: token)
            .send(.post, Gateway.path + "?kind=device-owner", jsonFields, body: Self.reuse)
        var expected = Minted.reused
        expected.kind = "device-owner"
        expected.status = "expiring"
        expected.createdAt = "2026-03-02T08:15:30Z"
        expected.secondsLeft = 500
        #expect(try answer.decoded(Minted.self) == expected)
        #expect(answer["Location"] == Gateway.path + "?kind=device-owner")
    }

    @Test("a reused token is represented where that was asked for, pending where the profile does not show it yet")
    func reusedRepresentation() async throws {
        var unseen = ShownToken.sample
        unseen.value = nil
        unseen.qrCodeContent = nil
        var withoutCode = ShownToken.sample
        withoutCode.qrCodeContent = nil
        for token in [ShownToken.sample, withoutCode, unseen] {
            let answer = try await send(gateway(reusing: token), Self.whole, body: Self.reuse)
            #expect(answer.status == 200)
            let isComplete = token.value != nil
            #expect(answer["Preference-Applied"] == (isComplete ? "return=representation" : nil))
            var expected = Minted.reused
            expected.representation = isComplete ? "complete" : "pending"
            expected.value = isComplete ? ShownToken.sampleValue : nil
            expected.qrCodeContent = token.qrCodeContent == nil ? nil : ShownToken.sampleContent
            #expect(try answer.decoded(Minted.self) == expected)
            // Nobody who did not ask for it is shown it.
            let plain = try await send(gateway(reusing: token), body: Self.reuse)
            #expect(try plain.decoded(Minted.self) == .reused)
        }
    }

    @Test("return=minimal does not tell a created token from a reused one")
    func minimal() async throws {
        var answers: [Answer] = []
        for gateway in [gateway(), gateway(creating: nil)] {
            let fields = [("Prefer", "return=minimal"), ("X-Request-ID", "mine")]
            answers.append(try await send(gateway, fields, body: Self.reuse))
        }
        for answer in answers {
            #expect(answer.status == 204)
            #expect(answer.bytes.isEmpty)
            #expect(answer["Location"] == Gateway.path)
            #expect(answer["Preference-Applied"] == "return=minimal")
        }
        #expect(answers[0].fields.map { "\($0)" }.sorted() == answers[1].fields.map { "\($0)" }.sorted())
    }

    @Test("the log tells created from reused, and nothing of the token")
    func log() async throws {
        let value = Secret(ShownToken.sampleValue)
        let created = gateway(creating: .complete(value: value, qrCodeContent: Secret(ShownToken.sampleContent)))
        let reused = gateway()
        for (gateway, outcome, status, id) in [
            (created, "created", "204", CreatedToken.graphRequestID), (reused, "reused", "200", "read-id"),
        ] {
            _ = try await send(gateway, Self.whole, body: Self.reuse)
            let line = try #require(gateway.accessLines.first)
            #expect(line["outcome"] == outcome)
            #expect(line["upstream.status"] == status)
            #expect(line["graph.request_id"] == id)
            #expect(!gateway.everyLine.contains { $0.contains(ShownToken.sampleValue) })
        }
    }

    @Test("reuse needs the right to read tokens, too, and nothing is asked of Graph without it")
    func reuseRight() async throws {
        let key = RingKey(rights: [.createToken])
        let gateway = Gateway(keys: [key.entry])
        let problem = try expect(
            await gateway.send(jsonFields, key: key.text, body: Self.reuse),
            is: ExpectedProblem(.permissionDenied)
        )
        #expect(problem.detail.contains("token:read"))
        #expect(gateway.tokens.asked.isEmpty)
        #expect(try await gateway.send(Self.whole, key: key.text).status == 201)
        let both = RingKey(rights: [.createToken, .readToken])
        let other = Gateway(keys: [both.entry])
        #expect(try await other.send(jsonFields, key: both.text, body: Self.reuse).status == 201)
    }

    // MARK: The order

    @Test("Graph gets the order exactly as it was given")
    func order() async throws {
        let key = RingKey()
        let gateway = Gateway(keys: [key.entry])
        let plain = TokenOrder(validityInSeconds: 86_400, caller: RingKey.caller)
        var reusing = plain
        reusing.validityInSeconds = 7200
        reusing.reuseIfValidFor = .seconds(1800)
        var whole = reusing
        whole.wantsRepresentation = true
        _ = try await gateway.send(key: key.text)
        _ = try await gateway.send(jsonFields, key: key.text, body: Self.reuse)
        _ = try await gateway.send(jsonFields + Self.whole, key: key.text, body: Self.reuse)
        _ = try await gateway.send(jsonFields, key: key.text, body: #"{"reuseIfValidForSeconds":1}"#)
        var last = plain
        last.reuseIfValidFor = .seconds(1)
        #expect(gateway.tokens.orders == [plain, reusing, whole, last])
    }

    @Test("the bounds of reuseIfValidForSeconds are taken", arguments: [1, 60, 7201, 2_051_244_000])
    func inBounds(seconds: Int) async throws {
        let gateway = Gateway()
        #expect(try await send(gateway, body: #"{"reuseIfValidForSeconds":\#(seconds)}"#).status == 201)
        #expect(gateway.tokens.orders.map(\.reuseIfValidFor) == [.seconds(seconds)])
    }

    @Test(
        "what lies outside of them is refused by its name",
        arguments: [
            "0", "-0", "-1", "2051244001", "9223372036854775807", "9223372036854775808", "-9999999999999999999",
        ]
    )
    func outOfBounds(number: String) async throws {
        let gateway = Gateway()
        let problem = try expect(
            await send(gateway, body: #"{"reuseIfValidForSeconds":\#(number)}"#),
            is: ExpectedProblem(.validityOutOfRange, member: "reuseIfValidForSeconds")
        )
        #expect(problem.detail.contains("2051244000"))
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test(
        "what is no whole number, or is there twice, is refused by its name",
        arguments: [
            "1.5", "1800.0", "18e2", "\"1800\"", "null", "true", "[]", "{}", "1800,\"reuseIfValidForSeconds\":1800",
        ]
    )
    func notInteger(value: String) async throws {
        let gateway = Gateway()
        try expect(
            await send(gateway, body: #"{"reuseIfValidForSeconds":\#(value)}"#),
            is: ExpectedProblem(.bodyInvalid, member: "reuseIfValidForSeconds")
        )
        #expect(gateway.tokens.asked.isEmpty)
    }

    @Test("a failure at Graph says what came of a creation, reuse or not")
    func failure() async throws {
        let error = GraphError(.timedOut, outcome: .notCreated)
        let answer = try await send(Gateway(tokens: ScriptedTokens(failing: error)), body: Self.reuse)
        try expect(answer, is: ExpectedProblem(.graphFailed))
    }
}
