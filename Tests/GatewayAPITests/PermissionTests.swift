import Graph
import HTTPTypes
import Hummingbird
import HummingbirdTesting
import KeyRing
import Settings
import TestSupport
import Testing
import Transport

@testable import GatewayAPI

@Suite("What a key may do", .timeLimit(.minutes(5)))
struct PermissionTests {
    private let key = APIKey.random()
    private var text: String { key.reveal { $0 } }

    private func entry(
        rights: Set<KeyRight> = [.createToken],
        profiles: KeyGrant.Profiles = .all,
        kinds: Set<ProfileKind> = Set(ProfileKind.allCases),
        greatestValidity: Int? = nil,
        rate: CallerRate? = nil
    ) -> KeyEntry {
        KeyEntry(
            id: key.id,
            caller: "portal-eu",
            digest: key.digest,
            grant: KeyGrant(rights: rights, profiles: profiles, kinds: kinds, greatestValidity: greatestValidity),
            rate: rate,
            createdAt: .now
        )
    }

    @Test("a key of the ring mints on its profiles, and its id and its caller are in the log")
    func minting() async throws {
        let gateway = Gateway(keys: [entry(profiles: .some([ProfileID(Gateway.profile)!]))])
        #expect(try await gateway.send(key: text).status == 201)
        #expect(gateway.accessLines.map { $0["caller"] } == ["portal-eu"])
        #expect(gateway.accessLines.map { $0["key.id"] } == [key.id.description])
    }

    @Test(
        "a right, a kind or a profile that a key does not have is 403, nothing is asked of Graph, and it is not told whether it exists"
    )
    func denied() async throws {
        let elsewhere = ProfileID("aaaaaaaa-0000-4000-8000-000000000001")!
        let cases: [(KeyEntry, String, String?)] = [
            (entry(rights: [.readToken, .revokeToken, .readProfiles]), Gateway.path, nil),
            (entry(profiles: .some([elsewhere])), Gateway.path, "profileId"),
            (entry(kinds: [.androidForWork]), Gateway.path + "?kind=device-owner", "kind"),
        ]
        for (entry, path, member) in cases {
            let gateway = Gateway(keys: [entry])
            try expect(
                await gateway.send(.post, path, key: text),
                is: ExpectedProblem(.permissionDenied, member: member)
            )
            #expect(gateway.tokens.calls.isEmpty)
        }
    }

    @Test("the right is looked at before the body and what is accepted, and after the key and the profile's id")
    func order() async throws {
        let gateway = Gateway(keys: [entry(rights: [.readToken])])
        try expect(
            await gateway.send([("Accept", "text/html")], key: text, body: "garbage"),
            is: ExpectedProblem(.permissionDenied)
        )
        try expect(
            await gateway.send(.post, "/profiles/x/token", key: text),
            is: ExpectedProblem(.profileIDInvalid, member: "profileId")
        )
    }

    @Test("a key's greatest validity is the ceiling where it is below the gateway's, and the default with it")
    func validity() async throws {
        let gateway = Gateway(keys: [entry(greatestValidity: 3600)])
        #expect(try await gateway.send(jsonFields, key: text, body: #"{"tokenValidityInSeconds":3600}"#).status == 201)
        let problem = try expect(
            await gateway.send(jsonFields, key: text, body: #"{"tokenValidityInSeconds":3601}"#),
            is: ExpectedProblem(.validityOutOfRange, member: "tokenValidityInSeconds")
        )
        #expect(problem.detail.contains("3600"))
        #expect(try await gateway.send(key: text).status == 201)
        #expect(gateway.tokens.calls.map(\.validity) == [3600, 3600])
        let generous = Gateway(settings: ["TOKEN_MAX_VALIDITY_SECONDS": "600"], keys: [entry(greatestValidity: 3600)])
        #expect(try await generous.send(key: text).status == 201)
        #expect(generous.tokens.calls.map(\.validity) == [600])
    }

    @Test("a rate is kept to, and told in each answer")
    func rate() async throws {
        let clock = ManualClock()
        let rate = CallerRate(SettingRate(count: 2, interval: .seconds(10)))
        let gateway = Gateway(clock: clock, keys: [entry(rate: rate)])
        let text = text
        try await gateway.withRouter { router in
            let first = try await router.send(key: text)
            #expect(first.status == 201)
            #expect(first["RateLimit-Policy"] == #""caller";q=2;w=10"#)
            #expect(first["RateLimit"] == #""caller";r=1;t=5"#)
            // A request that fails behind it counts, too.
            let bad = try await router.send(jsonFields, key: text, body: "garbage")
            #expect(bad.status == 400)
            #expect(bad["RateLimit"] == #""caller";r=0;t=5"#)
            let refused = try await router.send(key: text)
            try expect(refused, is: ExpectedProblem(.rateLimited, retryAfter: 5))
            #expect(refused["RateLimit"] == #""caller";r=0;t=5"#)
            clock.advance(by: .seconds(5))
            #expect(try await router.send(key: text).status == 201)
            // Others notice nothing.
            let other = try await router.send()
            #expect(other.status == 201)
            #expect(other["RateLimit"] == nil)
        }
        #expect(gateway.tokens.calls.count == 3)
    }

    @Test(
        "the policy tells the rate in whole seconds, and the burst where it is another number",
        arguments: [
            ("10/1s", nil, "q=10;w=1"), ("10/1s", 10, "q=10;w=1"), ("10/1s", 15, "q=10;w=1;egk-burst=15"),
            ("10/1s", 1, "q=10;w=1;egk-burst=1"), ("1000/100ms", nil, "q=10000;w=1"), ("10/1500ms", nil, "q=13;w=2"),
            ("1/366d", nil, "q=1;w=31622400"), ("100000/1ms", 1_000_000, "q=100000000;w=1;egk-burst=1000000"),
        ] as [(String, Int?, String)]
    )
    func policy(rate: String, burst: Int?, policy: String) async throws {
        let rate = CallerRate(try #require(SettingRate(rate)), burst: burst)
        let answer = try await Gateway(keys: [entry(rate: rate)]).send(key: text)
        #expect(answer.status == 201)
        #expect(answer["RateLimit-Policy"] == "\"caller\";\(policy)")
        #expect(answer["RateLimit"]?.hasPrefix("\"caller\";r=\(rate.burst - 1);t=") == true)
    }

    @Test(
        "a key that is not in force is 401, and says why to who has it",
        arguments: [
            ("expired", "has ended at"), ("early", "not valid before"), ("revoked", "was revoked"),
            ("typo", "no whole API key"),
        ]
    )
    func notInForce(state: String, words: String) async throws {
        var entry = entry()
        var presented = text
        switch state {
        case "expired": entry.expiresAt = .now - .seconds(1)
        case "early": entry.notBefore = .now + .seconds(3600)
        case "revoked": entry.revokedAt = .now - .seconds(1)
        default: presented = String(text.dropLast())
        }
        let gateway = Gateway(keys: [entry])
        let answer = try await gateway.send(key: presented)
        let problem = try expect(answer, is: ExpectedProblem(.apiKeyInvalid, member: "X-API-Key"))
        #expect(problem.detail.contains(words))
        #expect(answer["WWW-Authenticate"] == Problem.challenge)
        #expect(gateway.tokens.calls.isEmpty)
        // Only who holds the key is named.
        let isKnown = state != "typo"
        #expect(gateway.accessLines.map { $0["key.id"] } == [isKnown ? key.id.description : nil])
        #expect(gateway.accessLines.map { $0["caller"] } == [isKnown ? "portal-eu" : nil])
    }

    @Test("a route whose group does not authenticate answers nobody")
    func withoutAuthentication() async throws {
        let router = Router(context: GatewayContext.self)
        router.group(context: AuthenticatedContext.self).get("/open") { _, context in context.caller.name }
        let status = try await Application(router: router).test(.router) { client in
            try await client.execute(uri: "/open", method: .get) { $0.status.code }
        }
        #expect(status == 500)
    }
}
