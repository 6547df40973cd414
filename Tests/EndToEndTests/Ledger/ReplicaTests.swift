import Foundation
import TestSupport
import Testing

/// Two gateways that share a ledger in PostgreSQL behave as one.
@Suite("Two gateways on one PostgreSQL, end to end", .timeLimit(.minutes(5)), .fewAtOnce(1))
struct ReplicaTests {
    private static let representation = ["-H", "Prefer: return=representation"]

    private struct Pair {
        let server: PostgreSQLServer
        let site: LedgerSite
        let first: LedgerGateway
        let second: LedgerGateway

        /// - Parameter isDurable: for a server of its own, which waits for its disk.
        init(
            isDurable: Bool = false,
            sandboxFlags: [String] = [],
            settings: [String: String] = [:]
        ) async throws {
            server = try await isDurable ? PostgreSQLServer() : .shared()
            let url = server.url(try await server.database())
            site = try await LedgerSite(
                sandboxFlags: sandboxFlags,
                settings: settings.merging(["LEDGER_URL": url]) { $1 }
            )
            // Both bring the tables up to date at the same time.
            let site = site
            async let one = site.gateway()
            async let other = site.gateway()
            (first, second) = try await (one, other)
            for gateway in [first, second] { try await gateway.waitUntilLedger(is: "ready") }
        }

        var urls: [String] { [first.url, second.url] }

        /// All at once, one here, the next one there.
        func send(_ requests: [KeyedRequest]) async -> [CurlAnswer?] {
            await withTaskGroup(of: (Int, CurlAnswer?).self) { group in
                for (index, request) in requests.enumerated() {
                    group.addTask { (index, await request.send(to: urls[index % 2])) }
                }
                return await group.reduce(into: Array(repeating: nil, count: requests.count)) { $0[$1.0] = $1.1 }
            }
        }
    }

    @Test("fifty requests with one key, spread over both, make one token; the rest is told that one, or to wait")
    func oneKey() async throws {
        let pair = try await Pair()
        try await pair.site.inject(#"{"operation": "createToken", "effect": "delay", "delayMilliseconds": 500}"#)
        let request = KeyedRequest()
        let answers = await pair.send(Array(repeating: request, count: 50)).compactMap(\.self)
        #expect(answers.count == 50)
        for answer in answers where answer.status != 201 {
            #expect(answer.status == 409 && answer["code"] == "idempotency-in-progress", "\(answer.body)")
            #expect(answer.fields["retry-after"] != nil)
        }
        #expect(answers.count { $0.status == 201 && !$0.isReplay } == 1)
        #expect(try await pair.site.arrived("createToken") == 1)
        let again = await pair.send(Array(repeating: request, count: 4)).compactMap(\.self)
        #expect(again.count == 4 && again.allSatisfy { $0.status == 201 && $0.isReplay })
        #expect(Set(again.map(\.body)).count == 1)
        #expect(try await pair.site.arrived("createToken") == 1)
        #expect(try await pair.site.records().count == 1)
    }

    @Test("different keys on one profile come one after another, and each is shown its own token")
    func oneProfile() async throws {
        let pair = try await Pair()
        // Time enough for another to come in between, if it could.
        let delay = #""effect": "delay", "delayMilliseconds": 200, "at": "after-acting""#
        try await pair.site.inject(#"{"operation": "createToken", "next": 10, \#(delay)}"#)
        let requests = (0..<10).map { _ in KeyedRequest(wantsRepresentation: true) }
        let answers = await pair.send(requests).compactMap(\.self)
        #expect(answers.map(\.status) == Array(repeating: 201, count: 10), "\(answers.map(\.body))")
        #expect(answers.allSatisfy { $0["representation"] == "complete" })
        let values = answers.compactMap { $0["value"] }
        #expect(Set(values).count == 10)
        #expect(values.contains(try await pair.site.profile().tokenValue ?? ""))
        #expect(try await pair.site.profile().tokensCreated == 10)
        let records = try await pair.site.records()
        #expect(records.count == 10 && Set(records.compactMap { $0["instance"] }).count == 2)
    }

    /// A gateway alone would send 16 in 8 s, and two of them 32, all that are asked for. Graph's limit is between, and far from either, so
    /// that a busy machine on which some bunch up fails nothing.
    @Test("the pacing is one for both: Graph sees no more than the limit of one")
    func pacing() async throws {
        let pair = try await Pair(
            sandboxFlags: ["--write-limit", "28/8s", "--extra-profiles", "32"],
            settings: ["GRAPH_WRITE_LIMIT": "16/8s", "GRAPH_DEADLINE": "50s", "SHUTDOWN_LIMIT": "60s"]
        )
        let requests = (1...32).map { number in
            KeyedRequest(profile: "bbbbbbbb-0000-4000-8000-\(String(format: "%012d", number))")
        }
        let start = ContinuousClock.now
        let answers = await pair.send(requests).compactMap(\.self)
        #expect(
            answers.map(\.status) == Array(repeating: 201, count: 32),
            "\(answers.filter { $0.status != 201 }.map(\.body))"
        )
        // Four in two seconds.
        #expect(ContinuousClock.now - start > .seconds(12))
        #expect(try await pair.site.answered("createToken", 429) == 0)
        #expect(try await pair.site.answered("createToken", 204) == 32)
    }

    @Test("who is killed in the middle of a request holds up nobody for long, and the other finds out what came of it")
    func killed() async throws {
        try await despiteStandstill { counts in try await kill(Pair(settings: ["GRAPH_DEADLINE": "4s"]), counts) }
    }

    /// - Returns: whether the first gateway was killed in time, and the second one went on in time.
    private func kill(_ pair: Pair, _ counts: () -> Bool) async throws -> Bool {
        let (held, left) = (Deployment.profile, "aaaaaaaa-0000-4000-8000-000000000002")
        for profile in [held, left] {
            #expect(try await KeyedRequest(profile: profile).settle(at: pair.first.url).status == 201)
        }
        // The gateway is killed before it gives up waiting for an answer.
        let fault =
            #"{"operation": "createToken", "effect": "delay", "delayMilliseconds": 60000, "next": 2, "at": "after-acting"}"#
        try await pair.site.inject(fault)
        let cutOff = [KeyedRequest(profile: held, validity: 1800), KeyedRequest(profile: left, validity: 1800)]
        async let one = cutOff[0].send(to: pair.first.url)
        async let other = cutOff[1].send(to: pair.first.url)
        try await pair.site.waitUntilArrived(4)
        try await pair.first.kill()
        let answers = await [one, other].compactMap(\.self)
        guard counts() || answers.isEmpty else { return false }
        #expect(answers.isEmpty)

        let watch = Stopwatch()
        let next = try await KeyedRequest(profile: held, validity: 900).settle(at: pair.second.url)
        #expect(next.status == 201)
        guard counts() || watch.elapsed < .seconds(12) else { return false }
        #expect(watch.elapsed < .seconds(12))
        let answer = try await cutOff[1].settle(at: pair.second.url)
        #expect(answer.status == 201 && answer.isReplay)
        let (told, shown) = (try #require(answer.expiresAt), try #require(try await pair.site.profile(left).expiresAt))
        #expect(abs(told.timeIntervalSince(shown)) <= 1)
        #expect(try await pair.site.arrived("createToken") == 5)
        let records = try await pair.site.records().filter { $0["idempotencyKeyDigest"] == cutOff[1].digest }
        #expect(records.map { $0["outcome"] } == ["created"])
        return true
    }

    @Test("while PostgreSQL starts again nothing is sent twice, and it goes on within five seconds")
    func restarted() async throws {
        let pair = try await Pair(
            isDurable: true,
            sandboxFlags: ["--write-limit", "off", "--extra-profiles", "6"],
            settings: ["GRAPH_WRITE_LIMIT": "off", "GRAPH_DEADLINE": "4s"]
        )
        let crowd = LedgerCrowd()
        crowd.places = pair.urls
        let profiles = (1...6).map { "bbbbbbbb-0000-4000-8000-00000000000\($0)" }
        async let asking = crowd.ask(callers: 6, on: profiles, seed: .random(in: 0...UInt64.max))
        for _ in 0..<2 {
            try await Task.sleep(for: .seconds(2))
            try await pair.server.restart(immediate: true)
            let back = Stopwatch()
            try await withThrowingTaskGroup { group in
                for url in pair.urls {
                    group.addTask {
                        while await KeyedRequest().send(to: url)?.status != 201 {
                            try #require(back.elapsed < .seconds(5), "it does not come back")
                            try await Task.sleep(for: .milliseconds(50))
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        // A busy machine needs longer for as many as tell something.
        while crowd.asked <= 20 { try await Task.sleep(for: .milliseconds(100)) }
        crowd.end()
        let exchanges = try await asking
        #expect(exchanges.count > 20)
        let shown = Dictionary(uniqueKeysWithValues: try await pair.site.profiles().map { ($0.id, $0) })
        for (profile, own) in Dictionary(grouping: exchanges, by: \.request.profile) {
            #expect(shown[profile]?.tokensCreated == own.count, "\(profile)")
        }
        for exchange in exchanges {
            let again = try #require(await exchange.request.send(to: pair.urls.randomElement()!))
            #expect(again.isReplay && again.body == exchange.answer.body)
        }
        let records = Dictionary(grouping: try await pair.site.records()) { $0["idempotencyKeyDigest"] ?? "" }
        for exchange in exchanges {
            #expect(records[exchange.request.digest]?.count { $0["outcome"] == "created" } == 1)
        }
    }
}
