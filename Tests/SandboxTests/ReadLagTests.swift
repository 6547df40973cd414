import Testing

@testable import Sandbox

@Suite("Reads that lag behind", .timeLimit(.minutes(5)))
struct ReadLagTests {
    private static let profile = "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)"

    @Test("for so many seconds of the sandbox's clock get and list show the profile as it was before the change")
    func lag() async throws {
        try await Self.withLag(60) { client in
            let token = try await client.accessToken()
            let (first, firstList) = (try await read(client, token), try await list(client, token))
            #expect(try await client.createToken(token: token).status == 204)
            #expect(try await read(client, token) == first)
            #expect(try await list(client, token) == firstList)
            client.store.advanceClock(bySeconds: 30)
            #expect(try await read(client, token) == first)

            client.store.advanceClock(bySeconds: 30)
            let state = try #require(client.store.profile(SandboxClient.forWorkID))
            #expect(try await read(client, token).tokenValue == JSONValue(state.tokenValue))
            #expect(try await list(client, token) == .string(state.tokenExpiresAt.description))
            #expect(try await list(client, token) != firstList)
        }
    }

    @Test("what a creation, a revocation and the control endpoint work with does not lag")
    func writes() async throws {
        try await Self.withLag(60) { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            let revoked = try await client.graph("POST", "\(Self.profile)/revokeToken", token: token)
            #expect(revoked.status == 204)
            #expect(client.store.profile(SandboxClient.forWorkID)?.tokenValue == nil)
            guard case .array(let shown) = try await client.control("GET", "profiles").json["profiles"] else {
                Issue.record("no profiles")
                return
            }
            #expect(shown[0]["tokensCreated"] == 1)
            #expect(shown[0]["tokenValue"] == .null)
        }
    }

    @Test("of several changes within the lag none shows, and then one after the other")
    func severalChanges() {
        let start = SandboxInstant(secondsSince1970: 1_700_000_000)
        let at = { start.advanced(bySeconds: $0) }
        var state = SandboxProfileState(SandboxProfile.samples[0], createdAt: start)
        state.createToken("A", validity: 3600, at: at(10))
        state.createToken("B", validity: 3600, at: at(15))
        state.revokeToken(at: at(16))
        let shown = [10, 15, 16, 19, 20, 24, 25, 26].map { state.seen(at: at($0), lag: 10).tokenValue ?? "none" }
        #expect(shown == ["none", "none", "none", "none", "A", "A", "B", "none"])
        #expect(state.seen(at: at(15), lag: 0) == state)
        #expect(state.seen(at: at(26), lag: 10) == state)
    }

    @Test("the history of a profile is bounded: behind many changes the oldest that is known shows")
    func history() {
        let start = SandboxInstant(secondsSince1970: 1_700_000_000)
        var state = SandboxProfileState(SandboxProfile.samples[0], createdAt: start)
        let count = SandboxProfileState.longestHistory + 8
        for number in 1...count { state.createToken("\(number)", validity: 3600, at: start) }
        #expect(state.seen(at: start, lag: 60).tokenValue == "8")
        #expect(state.tokenValue == "\(count)")
        #expect(state.beforeLatestChange.tokenValue == "\(count - 1)")
    }

    @Test("a stale read within the lag shows no later state than a read that is not")
    func stale() async throws {
        try await Self.withLag(60) { client in
            let token = try await client.accessToken()
            let first = try await read(client, token)
            _ = try await client.createToken(token: token)
            _ = try await client.createToken(token: token)
            client.store.inject(SandboxFault(.get, .stale))
            #expect(try await read(client, token) == first)
        }
    }

    @Test("the tenant document shows the lag and changes it, for changes of before as well; a reset brings it back")
    func control() async throws {
        try await Self.withLag(600) { client in
            let token = try await client.accessToken()
            _ = try await client.createToken(token: token)
            #expect(try await client.control("GET", "tenant").json["readLagSeconds"] == 600)
            #expect(try await read(client, token).tokenValue == .null)
            let changed = try await client.control("POST", "tenant", #"{"readLagSeconds": 0}"#)
            #expect(changed.json["readLagSeconds"] == 0)
            #expect(try await read(client, token).tokenValue != .null)
            client.sandbox.reset()
            #expect(client.store.tenant.readLag == 600)
        }
    }

    @Test(
        "without a setting nothing lags, and a lag is at most an hour",
        arguments: [(-1, false), (3600, true), (3601, false)]
    )
    func bounds(lag: Int, isGood: Bool) throws {
        var configuration = SandboxConfiguration()
        #expect(configuration.readLag == 0)
        configuration.readLag = lag
        if isGood {
            try configuration.validate()
        } else {
            #expect(throws: SandboxError.invalidConfiguration("the read lag \(lag) is not in 0...3600 seconds")) {
                try configuration.validate()
            }
        }
    }

    /// What lags or does not.
    private struct Reading: Equatable {
        let tokenValue: JSONValue
        let expiresAt: JSONValue
        let modifiedAt: JSONValue
    }

    private func read(_ client: SandboxClient, _ token: String) async throws -> Reading {
        let json = try await client.graph("GET", Self.profile, token: token).json
        return Reading(
            tokenValue: try #require(json["tokenValue"]),
            expiresAt: try #require(json["tokenExpirationDateTime"]),
            modifiedAt: try #require(json["lastModifiedDateTime"])
        )
    }

    /// The expiry of the first profile's token.
    private func list(_ client: SandboxClient, _ token: String) async throws -> JSONValue {
        let answer = try await client.graph("GET", "\(SandboxClient.forWork)?$top=1", token: token)
        guard case .array(let values) = answer.json["value"] else { return .null }
        return try #require(values.first?["tokenExpirationDateTime"])
    }

    private static func withLag(
        _ seconds: Int,
        _ body: @escaping @Sendable (SandboxClient) async throws -> Void
    ) async throws {
        var configuration = SandboxConfiguration()
        configuration.readLag = seconds
        try await SandboxClient.withSandbox(configuration, body)
    }
}
