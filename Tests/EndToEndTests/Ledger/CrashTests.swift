import Foundation
import TestSupport
import Testing

/// `kill -9` at every moment of a request, on the real binary.
@Suite("Killed at a chosen moment, end to end", .timeLimit(.minutes(10)), .fewAtOnce(2))
struct CrashTests {
    /// After so long Graph is surely done with what was cut off, so that a profile that shows nothing new is believed.
    private static let later = Duration.seconds(100)

    /// What the profile has been through before the request that is cut off.
    enum Scene: String, CaseIterable, Sendable {
        /// Nothing.
        case fresh
        /// A token of the same validity was created a moment ago.
        case succession
        /// The same, where Graph tells times of creation.
        case deviceOwner

        var profile: String { self == .deviceOwner ? Deployment.deviceOwnerProfile : Deployment.profile }
        var kind: String { self == .deviceOwner ? "device-owner" : "android-for-work" }
        var earlier: String { self == .fresh ? "aaaaaaaa-0000-4000-8000-000000000002" : profile }
    }

    @Test(
        "whenever a gateway is killed, the repeated request makes one token in all, and is told the truth",
        arguments: Interference.Moment.allCases,
        Scene.allCases
    )
    func creation(moment: Interference.Moment, scene: Scene) async throws {
        try await killed(at: moment, in: scene)
    }

    @Test("the same in the middle of each write to the file", arguments: 1...8)
    func middleOfWrite(count: Int) async throws {
        try await killed(at: .middleOfWrite, count: count, in: .succession)
    }

    private func killed(at moment: Interference.Moment, count: Int = 1, in scene: Scene) async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let first = try await site.gateway(interference.settings(at: moment, count: count))
        let earlier = KeyedRequest(profile: scene.earlier, kind: scene.kind)
        #expect(await earlier.send(to: first.url)?.status == 201)

        try interference.arm()
        let request = KeyedRequest(profile: scene.profile, kind: scene.kind)
        let cutOff = await request.send(to: first.url)
        #expect(cutOff?.status == (moment == .afterAnswer ? 201 : nil))
        #expect(try await first.program.exitCode() == -1, "\(first.program.standardError)")
        interference.disarm()
        #expect(try await site.arrived("createToken") <= (moment.isSent ? 2 : 1))

        try await site.advanceClock(by: Self.later)
        let second = try await site.gateway(interference.settings(ahead: Self.later))
        let answer = try await request.settle(at: second.url)
        #expect(answer.status == 201, "\(answer.body)")
        #expect(try await site.arrived("createToken") == 2)
        try expectTrue(answer, try await site.profile(scene.profile))
        if let cutOff { #expect(cutOff.body == answer.body) }
        if moment.isSent { #expect(answer.isReplay) }

        // From now on it is what was decided.
        let again = try #require(await request.send(to: second.url))
        #expect(again.status == 201 && again.isReplay)
        #expect(again.body == answer.body)
        #expect(await earlier.send(to: second.url)?.isReplay == true)
        #expect(try await site.arrived("createToken") == 2)
        try await expectRecords(of: [earlier, request], at: site)
    }

    @Test(
        "a revocation that was cut off is done once in the end",
        arguments: [Interference.Moment.accepted, .beforeSend, .afterSend, .beforeOutcome, .beforeAnswer]
    )
    func revocation(moment: Interference.Moment) async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let first = try await site.gateway(interference.settings(at: moment))
        #expect(await KeyedRequest().send(to: first.url)?.status == 201)
        try interference.arm()
        let request = KeyedRequest.revocation()
        #expect(await request.send(to: first.url) == nil)
        #expect(try await first.program.exitCode() == -1)
        interference.disarm()

        try await site.advanceClock(by: Self.later)
        let second = try await site.gateway(interference.settings(ahead: Self.later))
        #expect(try await request.settle(at: second.url).status == 204)
        #expect(try await site.profile().tokenValue == nil)
        let again = try #require(await request.send(to: second.url))
        #expect(again.status == 204 && again.isReplay)
        #expect(try await site.arrived("revokeToken") == 1)
        try await expectRecords(of: [request], at: site, outcome: "revoked")
    }

    @Test("a token that was revoked before is not taken for one that was cut off", arguments: [true, false])
    func afterRevocation(isSent: Bool) async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let first = try await site.gateway(interference.settings(at: isSent ? .afterEffect : .beforeSend))
        // All within the slack with which a token is recognized by its times.
        #expect(await KeyedRequest().send(to: first.url)?.status == 201)
        #expect(await KeyedRequest.revocation().send(to: first.url)?.status == 204)
        try interference.arm()
        let request = KeyedRequest()
        #expect(await request.send(to: first.url) == nil)
        #expect(try await first.program.exitCode() == -1)
        interference.disarm()
        try await site.advanceClock(by: Self.later)
        let second = try await site.gateway(interference.settings(ahead: Self.later))
        let answer = try await request.settle(at: second.url)
        #expect(answer.status == 201 && answer.isReplay == isSent)
        try expectTrue(answer, try await site.profile())
        #expect(try await site.arrived("createToken") == 2)
    }

    @Test("a request that was cut off and is not repeated is settled and on record all the same")
    func notRepeated() async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        var time = Duration.zero
        for (moment, outcome) in [(Interference.Moment.afterEffect, "created"), (.beforeSend, "not-created")] {
            let first = try await site.gateway(interference.settings(at: moment, ahead: time))
            time += Self.later
            try await site.advanceClock(by: Self.later)
            let request = KeyedRequest(profile: "aaaaaaaa-0000-4000-8000-000000000003")
            _ = try await KeyedRequest().settle(at: first.url)
            try interference.arm()
            #expect(await request.send(to: first.url) == nil)
            #expect(try await first.program.exitCode() == -1)
            interference.disarm()
            let second = try await site.gateway(interference.settings(ahead: time))
            try await second.waitUntilLedger(is: "ready")
            try await expectRecords(of: [request], at: site, outcome: outcome)
            try await second.stop()
        }
    }

    @Test(
        "what was cut off before it was sent is not known until Graph cannot be at work on it any more, and is then run anew",
        .enabled(if: ProcessInfo.processInfo.environment["SOAK"] != nil, "it takes more than a minute")
    )
    func waitedFor() async throws {
        let interference = try await Interference()
        let site = try await LedgerSite(settings: ["GRAPH_DEADLINE": "4s"])
        let first = try await site.gateway(interference.settings(at: .beforeSend))
        #expect(await KeyedRequest().send(to: first.url)?.status == 201)
        try interference.arm()
        let request = KeyedRequest()
        #expect(await request.send(to: first.url) == nil)
        let cutOff = ContinuousClock.now
        _ = try await first.program.exitCode()
        let second = try await site.gateway()
        try await second.waitUntilLedger(is: "ready")
        let unknown = try #require(await request.send(to: second.url))
        #expect(unknown.status == 504 && unknown["outcome"] == "unknown")
        #expect(try await site.arrived("createToken") == 1)
        let answer = try await request.settle(within: .seconds(120)) { second.url }
        #expect(answer.status == 201 && !answer.isReplay)
        #expect(ContinuousClock.now - cutOff > .seconds(60))
        #expect(try await site.arrived("createToken") == 2)
    }

    @Test("nothing is taken at start before it is known what came of requests before, and reads are")
    func starting() async throws {
        let interference = try await Interference()
        let site = try await LedgerSite()
        let first = try await site.gateway(interference.settings(at: .beforeSend))
        #expect(await KeyedRequest().send(to: first.url)?.status == 201)
        try interference.arm()
        #expect(await KeyedRequest().send(to: first.url) == nil)
        _ = try await first.program.exitCode()
        let looks = try await site.arrived("get")
        // Of what came of it nothing is known before the look after that, however busy this machine is.
        try await site.inject(#"{"operation": "get", "effect": "delay", "delayMilliseconds": 60000}"#)
        let second = try await site.gateway()
        try await site.waitUntilArrived(looks + 1, "get")
        let refused = try #require(
            await KeyedRequest(profile: "aaaaaaaa-0000-4000-8000-000000000002").send(to: second.url)
        )
        #expect(refused.status == 503 && refused["code"] == "starting" && refused["outcome"] == "not-created")
        #expect(refused.fields["retry-after"] != nil)
        let read = try await curl([
            second.url + "/profiles/\(Deployment.profile)/token", "-H", "X-API-Key: \(Deployment.key)",
        ])
        #expect(read.status == 200)
        let readiness = try await second.readiness()
        #expect(readiness.code == 503 && readiness.status == "not-ready" && readiness.ledger == "not-ready")
        try await second.waitUntilLedger(is: "ready")
        #expect(try await site.arrived("createToken") == 1)
    }

    private func expectTrue(_ answer: CurlAnswer, _ profile: ShownProfile) throws {
        let (told, shown) = (try #require(answer.expiresAt), try #require(profile.expiresAt))
        #expect(abs(told.timeIntervalSince(shown)) <= 1, "\(answer.body) \(profile)")
        let (begun, made) = (try #require(answer.createdAt), try #require(profile.createdAt))
        #expect(abs(begun.timeIntervalSince(made)) <= 1, "\(answer.body) \(profile)")
    }

    /// One that tells the end for each of them, and no more than one that tells anything else.
    private func expectRecords(
        of requests: [KeyedRequest],
        at site: LedgerSite,
        outcome: String = "created"
    ) async throws {
        let records = try await site.records()
        for request in requests {
            let own = records.filter { $0["idempotencyKeyDigest"] == request.digest }
            #expect(own.count { $0["outcome"] == outcome } == 1, "\(own.map(\.text))")
            // What was cut off before it was sent, and then run anew.
            #expect(
                own.allSatisfy {
                    $0["outcome"] == outcome || $0["outcome"] == "not-created" || $0["outcome"] == "not-revoked"
                }
            )
            #expect(own.count <= 2)
        }
    }
}
