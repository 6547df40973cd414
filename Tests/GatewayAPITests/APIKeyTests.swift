import HTTPTypes
import Settings
import TestSupport
import Testing

@testable import GatewayAPI

@Suite("The API key", .timeLimit(.minutes(1)))
struct APIKeyTests {
    @Test(
        "no key is 401 with a challenge, whatever Authorization says",
        arguments: [
            [], [("Authorization", "Bearer " + Gateway.key)], [("Authorization", "ApiKey " + Gateway.key)],
            [("X-API-Key", "")],
        ]
    )
    func missing(fields: [(String, String)]) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(key: nil, fields: fields)
        try expect(answer, is: ExpectedProblem(.apiKeyMissing, member: "X-API-Key"))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "a wrong key is 401 and is not shown",
        arguments: [
            "wrong-key-0123456789", Gateway.key + "x", String(Gateway.key.dropLast()), Gateway.key.uppercased(),
            "schlüssel-0123456789", String(repeating: "k", count: 1 << 20),
        ]
    )
    func wrong(key: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(key: key)
        try expect(answer, is: ExpectedProblem(.apiKeyInvalid, member: "X-API-Key"))
        #expect(!answer.body.contains(key))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("two keys are 400, also when both are right", arguments: [Gateway.key, "another"])
    func two(second: String) async throws {
        let answer = try await Gateway().send(fields: [("X-API-Key", second)])
        try expect(answer, is: ExpectedProblem(.apiKeyAmbiguous, member: "X-API-Key"))
    }

    @Test(
        "a key in the query is 400 in every spelling, beside a right one too",
        arguments: [
            "X-API-Key", "x-api-key", "api-key", "api_key", "apikey", "API_KEY", "apiKey", "%61pi_key", "api%5Fkey",
        ]
    )
    func query(name: String) async throws {
        let gateway = Gateway()
        for key in [nil, Gateway.key] {
            let answer = try await gateway.send(.post, Gateway.path + "?kind=device-owner&\(name)=canary", key: key)
            let member = try answer.decoded(ProblemDocument.self).member
            try expect(answer, is: ExpectedProblem(.apiKeyAmbiguous, member: member))
            #expect(!answer.body.contains("canary"))
        }
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("too many wrong keys are 429, while a right one is served")
    func limited() async throws {
        let gateway = Gateway(settings: ["HTTP_MAX_BAD_KEYS": "2/60s"], clock: ManualClock())
        try await gateway.withRouter { router in
            for _ in 0..<2 { #expect(try await router.send(key: "wrong-key-0123456789").status == 401) }
            let answer = try await router.send(key: "wrong-key-0123456789")
            try expect(answer, is: ExpectedProblem(.rateLimited, member: "X-API-Key", retryAfter: 60))
            #expect(try await router.send().status == 201)
        }
    }
}

@Suite("BadKeyLimit")
struct BadKeyLimitTests {
    private let clock = ManualClock()
    private var limit: BadKeyLimit {
        BadKeyLimit(limit: SettingRate(count: 2, interval: .seconds(60)), clock: clock)
    }

    @Test("over the limit an address waits for what is left of its interval")
    func waits() {
        let limit = limit
        #expect(limit.wrongKey(from: "a") == nil)
        clock.advance(by: .seconds(20))
        #expect(limit.wrongKey(from: "a") == nil)
        #expect(limit.wrongKey(from: "a") == .seconds(40))
        clock.advance(by: .seconds(39))
        #expect(limit.wrongKey(from: "a") == .seconds(1))
        clock.advance(by: .seconds(1))
        #expect(limit.wrongKey(from: "a") == nil)
    }

    @Test("addresses are counted apart")
    func apart() {
        let limit = limit
        for _ in 0..<3 { _ = limit.wrongKey(from: "a") }
        #expect(limit.wrongKey(from: "b") == nil)
    }

    @Test("no number of addresses makes it remember more than its capacity, and old ones go first")
    func bounded() {
        let limit = limit
        for number in 0..<BadKeyLimit.capacity { _ = limit.wrongKey(from: "old-\(number)") }
        clock.advance(by: .seconds(60))
        for _ in 0..<3 { _ = limit.wrongKey(from: "busy") }
        #expect(limit.rememberedCount == 1)
        for number in 0..<(2 * BadKeyLimit.capacity) { _ = limit.wrongKey(from: "new-\(number)") }
        #expect(limit.rememberedCount <= BadKeyLimit.capacity)
    }
}
