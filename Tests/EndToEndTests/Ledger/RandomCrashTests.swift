import Foundation
import TestSupport
import Testing

/// `make test` kills ten times; with `SOAK` in the environment it is two hundred.
private let rounds = ProcessInfo.processInfo.environment["SOAK"] == nil ? 10 : 200

/// `CRASH_SEED` has it happen again as it was, as far as chance is ours.
private let seed =
    ProcessInfo.processInfo.environment["CRASH_SEED"].flatMap { UInt64($0) } ?? .random(in: 0...UInt64.max)

/// So many that each is asked about every few seconds: of tokens that come more quickly than that, not even the profile can always
/// tell whose is whose.
private let profileCount = 120

@Suite("Killed at random under load, end to end", .timeLimit(.minutes(60)))
struct RandomCrashTests {
    /// So long nobody asks, by the gateways' clocks, while there is none: then Graph is surely done with what was cut off.
    private static let pause = Duration.seconds(75)

    @Test("however often a gateway is killed, each key makes one token, each answer is true and no record is lost")
    func killed() async throws {
        print("CRASH_SEED=\(seed)")
        let interference = try await Interference()
        var random = SeededRandom(seed)
        let site = try await LedgerSite(
            sandboxFlags: ["--write-limit", "off", "--extra-profiles", "\(profileCount)"],
            settings: ["GRAPH_WRITE_LIMIT": "off", "GRAPH_DEADLINE": "4s"]
        )
        let profiles = (1...profileCount).map { "bbbbbbbb-0000-4000-8000-\(String(format: "%012d", $0))" }
        let crowd = LedgerCrowd()
        async let asking = crowd.ask(callers: 6, on: profiles, revokes: 8, seed: seed)
        for round in 0..<rounds {
            let gateway = try await site.gateway(interference.settings(ahead: Self.pause * round))
            crowd.places = [gateway.url]
            // Sometimes before it has found out what came of what was before, mostly in the midst of new requests.
            let isShort = Int.random(in: 0..<4, using: &random) == 0
            let life = isShort ? Int.random(in: 50...1500, using: &random) : .random(in: 3200...5500, using: &random)
            try await Task.sleep(for: .milliseconds(life))
            crowd.places = []
            try await gateway.kill()
            crowd.ahead = Self.pause * (round + 1)
            try await site.advanceClock(by: Self.pause)
        }
        crowd.end()
        let last = try await site.gateway(interference.settings(ahead: Self.pause * rounds))
        crowd.places = [last.url]
        let exchanges: [LedgerCrowd.Exchange]
        do {
            exchanges = try await asking
        } catch {
            // Chance may not have it again.
            for record in try await site.records() { print(record.text) }
            throw error
        }
        #expect(exchanges.count >= rounds * 6, "too few to tell anything: \(exchanges.count)")
        try await check(exchanges, at: site, last)
        try await last.stop()
    }

    private func check(_ exchanges: [LedgerCrowd.Exchange], at site: LedgerSite, _ gateway: LedgerGateway) async throws
    {
        let shown = Dictionary(uniqueKeysWithValues: try await site.profiles().map { ($0.id, $0) })
        let records = Dictionary(grouping: try await site.records()) { $0["idempotencyKeyDigest"] ?? "" }
        let creations = exchanges.filter { $0.request.validity != nil }
        for (profile, own) in Dictionary(grouping: creations, by: \.request.profile) {
            #expect(shown[profile]?.tokensCreated == own.count, "\(profile)")
        }
        #expect(try await site.effective("createToken") == creations.count)
        #expect(try await site.arrived("createToken") == creations.count)
        #expect(try await site.arrived("revokeToken") <= exchanges.count - creations.count)
        for exchange in exchanges {
            try expectTrue(exchange)
            let own = records[exchange.request.digest] ?? []
            let outcome = exchange.request.validity == nil ? "revoked" : "created"
            #expect(own.count { $0["outcome"] == outcome } == 1, "\(own.map(\.text))")
        }
        #expect(!records.values.joined().contains { $0["outcome"] == "running" || $0["outcome"] == "unknown" })
        try expectLast(of: creations, shown)
        try await repeated(exchanges, at: gateway)
        #expect(try await site.arrived("createToken") == creations.count)
    }

    /// What was told lies within the time in which it was asked for.
    private func expectTrue(_ exchange: LedgerCrowd.Exchange) throws {
        guard let validity = exchange.request.validity else {
            #expect(exchange.answer.status == 204)
            return
        }
        #expect(exchange.answer.status == 201)
        let created = try #require(exchange.answer.createdAt)
        let expires = try #require(exchange.answer.expiresAt)
        #expect(abs(expires.timeIntervalSince(created) - Double(validity)) <= 1)
        #expect(created >= exchange.asked.addingTimeInterval(-2) && created <= exchange.answered.addingTimeInterval(2))
    }

    /// What the profile shows now is what the one was told who was last.
    private func expectLast(of creations: [LedgerCrowd.Exchange], _ shown: [String: ShownProfile]) throws {
        for (profile, own) in Dictionary(grouping: creations, by: \.request.profile) {
            let state = try #require(shown[profile])
            guard state.tokenValue != nil else { continue }
            let (created, expires) = (try #require(state.createdAt), try #require(state.expiresAt))
            let told = own.filter { exchange in
                abs(exchange.answer.createdAt?.timeIntervalSince(created) ?? 99) <= 1
                    && abs(exchange.answer.expiresAt?.timeIntervalSince(expires) ?? 99) <= 1
            }
            #expect(!told.isEmpty, "\(profile)")
            #expect(own.allSatisfy { ($0.answer.createdAt ?? .distantFuture) <= created.addingTimeInterval(1) })
        }
    }

    /// Asking again for everything changes nothing and tells the same.
    private func repeated(_ exchanges: [LedgerCrowd.Exchange], at gateway: LedgerGateway) async throws {
        let chosen = exchanges.count > 400 ? Array(exchanges.shuffled().prefix(400)) : exchanges
        for exchange in chosen {
            let again = try #require(await exchange.request.send(to: gateway.url))
            #expect(again.isReplay && again.status == exchange.answer.status)
            #expect(again.body == exchange.answer.body)
        }
    }
}
