import HTTPTypes
import Settings
import TestSupport
import Testing

@testable import GatewayAPI

@Suite("The caller's key", .timeLimit(.minutes(5)))
struct APIKeyTests {
    @Test("without a key, or with an empty one, it is missing", arguments: [nil, ""] as [String?])
    func missing(key: String?) async throws {
        let gateway = Gateway()
        try expect(await gateway.send(key: key), is: ExpectedProblem(.apiKeyMissing, member: "X-API-Key"))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test(
        "anything but the key itself is wrong",
        arguments: [
            "wrong", Gateway.key + "x", String(Gateway.key.dropLast()), Gateway.key.uppercased(),
            "Bearer " + Gateway.key,
            "schlüssel-01234567", String(repeating: "a", count: 1 << 20),
        ]
    )
    func wrong(key: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(key: key)
        try expect(answer, is: ExpectedProblem(.apiKeyInvalid, member: "X-API-Key"))
        #expect(!answer.body.contains(key))
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("nothing else authenticates", arguments: ["Authorization", "X-Api-Token", "Cookie", "Proxy-Authorization"])
    func otherFields(field: String) async throws {
        let gateway = Gateway()
        for value in ["Bearer " + Gateway.key, "ApiKey " + Gateway.key, Gateway.key] {
            try expect(
                await gateway.send(key: nil, [(field, value)]),
                is: ExpectedProblem(.apiKeyMissing, member: "X-API-Key")
            )
        }
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("two keys are ambiguous in either order, and when they are the same", arguments: ["wrong", Gateway.key, ""])
    func two(other: String) async throws {
        let gateway = Gateway()
        for pair in [[Gateway.key, other], [other, Gateway.key]] {
            try expect(
                await gateway.send(key: nil, pair.map { ("X-API-Key", $0) }),
                is: ExpectedProblem(.apiKeyAmbiguous, member: "X-API-Key")
            )
        }
        // As a proxy joins two lines (RFC 9110 §5.3).
        try expect(
            await gateway.send(key: "\(Gateway.key), \(Gateway.key)"),
            is: ExpectedProblem(.apiKeyAmbiguous, member: "X-API-Key")
        )
        #expect(gateway.tokens.calls.isEmpty)
    }

    @Test("the field's name may be written in any case")
    func fieldCase() async throws {
        #expect(try await Gateway().send(key: nil, [("x-aPI-kEY", Gateway.key)]).status == 201)
    }

    @Test(
        "a key in the query is refused whatever it is, also beside the right one in the field",
        arguments: [
            "api_key", "apikey", "api-key", "X-API-Key", "x_api_key", "APIKEY", "%61pi_key", "X%2DAPI%2DKey",
            "kind=device-owner&api_key",
        ]
    )
    func query(name: String) async throws {
        let gateway = Gateway()
        for key in [Gateway.key, nil] {
            for value in ["=" + Gateway.key, "=", ""] {
                let answer = try await gateway.send(.post, Gateway.path + "?" + name + value, key: key)
                #expect(answer.status == 400)
                #expect(try answer.decoded(ProblemDocument.self).code == "api-key-ambiguous")
                #expect(!answer.body.contains(Gateway.key))
            }
        }
        #expect(gateway.tokens.calls.isEmpty)
    }

    // MARK: Wrong keys by address

    private static let limit = ["HTTP_MAX_BAD_KEYS": "3/60s"]

    @Test("after so many wrong keys it is 429 with Retry-After, while the right key is served")
    func limited() async throws {
        let clock = ManualClock()
        let gateway = Gateway(settings: Self.limit, clock: clock)
        try await gateway.withRouter { router in
            for _ in 0..<3 {
                try expect(await router.send(key: "wrong"), is: ExpectedProblem(.apiKeyInvalid, member: "X-API-Key"))
            }
            clock.advance(by: .milliseconds(17_500))
            try expect(
                await router.send(key: "wrong"),
                is: ExpectedProblem(.rateLimited, member: "X-API-Key", retryAfter: 43)
            )
            #expect(try await router.send().status == 201)
            // No key at all is no wrong key.
            try expect(await router.send(key: nil), is: ExpectedProblem(.apiKeyMissing, member: "X-API-Key"))
            clock.advance(by: .milliseconds(42_500))
            try expect(await router.send(key: "wrong"), is: ExpectedProblem(.apiKeyInvalid, member: "X-API-Key"))
        }
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test("throttling of wrong keys can be switched off")
    func unlimited() async throws {
        try await Gateway(settings: ["HTTP_MAX_BAD_KEYS": "off"]).withRouter { router in
            for _ in 0..<200 {
                try expect(await router.send(key: "wrong"), is: ExpectedProblem(.apiKeyInvalid, member: "X-API-Key"))
            }
        }
    }
}
