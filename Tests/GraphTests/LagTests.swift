import Settings
import TestSupport
import Testing
import Transport

@testable import Graph

/// A Graph that shows everything some seconds late: no token of before is handed out as the present one.
@Suite("A Graph that lags", .timeLimit(.minutes(5)))
struct LagTests {
    private static func order(_ validity: Int = 3600, reuse: Duration? = nil) -> TokenOrder {
        TokenOrder(validityInSeconds: validity, reuseIfValidFor: reuse, wantsRepresentation: true)
    }

    private func bench(
        _ kind: ProfileKind,
        lag: Double,
        creates: [FakeGraph.Create] = [],
        jitter: Double? = nil
    ) -> Bench {
        let bench = Bench(kind, creates: creates, writeLimit: nil, jitter: jitter)
        bench.graph.lag(by: .seconds(lag))
        return bench
    }

    @Test("of several creations in a row the last one is shown", arguments: ProfileKind.allCases)
    func row(kind: ProfileKind) async {
        for pause in [0.0, 0.3, 1.2, 3, 5] {
            let bench = bench(kind, lag: 6)
            for validity in [3600, 7200] {
                #expect(await bench.create(validity: validity).token != nil)
                bench.clock.advance(by: .seconds(pause))
            }
            #expect(await bench.mint(Self.order()).value == "enrollment-canary-3", "\(pause)")
        }
    }

    @Test("a plain creation, and at once one that is to be shown: it is", arguments: ProfileKind.allCases)
    func plainThenShown(kind: ProfileKind) async {
        let bench = bench(kind, lag: 1)
        #expect(await bench.mint(Self.order()).value == "enrollment-canary-1")
        bench.clock.advance(by: .seconds(2))
        #expect(await bench.create().token != nil)
        #expect(await bench.mint(Self.order()).value == "enrollment-canary-3")
    }

    @Test("after a revocation the revoked token is not shown as the new one", arguments: ProfileKind.allCases)
    func revoked(kind: ProfileKind) async throws {
        for pause in [0.0, 1.25, 4] {
            let bench = bench(kind, lag: 6)
            #expect(await bench.create().token != nil)
            bench.clock.advance(by: .seconds(pause))
            _ = try await bench.revoke().get()
            bench.clock.advance(by: .seconds(pause))
            // Two that were created within a second or two cannot be told apart for sure.
            let value = await bench.mint(Self.order()).value
            #expect(value == "enrollment-canary-2" || value == "pending" && pause < 3, "\(pause)")
        }
    }

    @Test("nor is the token of a creation that was told not to have been", arguments: ProfileKind.allCases)
    func denied(kind: ProfileKind) async {
        for lag in [5.0, 7, 9] {
            let bench = bench(kind, lag: lag, creates: [.acting(.answers(.status(503)))])
            // Graph shows nothing of it for so long that it counts as not done: there is no telling.
            _ = await bench.outcome()
            let value = await bench.mint(Self.order()).value
            #expect(value == "enrollment-canary-2" || value == "pending", "\(lag)")
        }
    }

    @Test("another's token of a moment before is not ours", arguments: ProfileKind.allCases)
    func stranger(kind: ProfileKind) async {
        for age in [1.5, 3] {
            let bench = bench(kind, lag: 8)
            await bench.becomeKnown(ago: .seconds(18))
            let now = bench.graph.now
            bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(3600)))
            bench.clock.advance(by: .seconds(age))
            // Less than the second to which Graph's clock is known could not be told apart.
            let value = await bench.mint(Self.order()).value
            #expect(value == "enrollment-canary-2", "\(age)")
        }
    }

    @Test("what this gateway has revoked is not reused, whoever made it", arguments: ProfileKind.allCases)
    func reuseAfterRevocation(kind: ProfileKind) async throws {
        let bench = bench(kind, lag: 6)
        let now = bench.graph.now
        bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(3600)))
        bench.clock.advance(by: .seconds(8))
        _ = try await bench.revoke().get()
        let result = await bench.mint(Self.order(reuse: .seconds(60)))
        #expect(result.value == "enrollment-canary-1" && result.present == nil)
    }

    @Test(
        "the token of somebody else that lives too short is not passed off as our own, longer one",
        arguments: ProfileKind.allCases
    )
    func replacedByShorter(kind: ProfileKind) async {
        let bench = bench(kind, lag: 0)
        #expect(await bench.create(validity: 86_400).token != nil)
        bench.clock.advance(by: .seconds(2))
        let now = bench.graph.now
        bench.graph.show(.init(value: "short", createdAt: now, expiresAt: now + .seconds(120)))
        #expect(await bench.mint(Self.order(reuse: .seconds(3600))).value == "enrollment-canary-2")
    }

    @Test(
        "a reader who sees the new token before its creator does not make it an old one",
        arguments: ProfileKind.allCases
    )
    func seenEarly(kind: ProfileKind) async {
        let bench = Bench(kind, creates: [.acting(.after(.seconds(4), .answers(.status(204))))], clock: ManualClock())
        let (first, second) = await bench.running {
            async let first = bench.mint(Self.order())
            while bench.graph.actions == 0, !Task.isCancelled { await Task.yield() }
            async let second = bench.mint(Self.order(reuse: .seconds(60)))
            return await (first, second)
        }
        #expect(first.value == "enrollment-canary-1")
        #expect(second.present?.value?.reveal { $0 } == "enrollment-canary-1")
        #expect(await bench.running { await bench.mint(Self.order(reuse: .seconds(60))).present?.value != nil })
        #expect(bench.sends == 1)
    }

    @Test("those who wait for a token that is not shown yet do not wait one after another")
    func sharedPatience() async {
        let bench = bench(.androidForWork, lag: 40)
        #expect(await bench.create().token != nil)
        let begun = bench.clock.now
        for _ in 0..<5 { #expect(await bench.mint(Self.order(reuse: .seconds(60))).present?.value == nil) }
        #expect(bench.clock.now - begun < .seconds(15) && bench.sends == 1)
    }

    @Test("a read shows what was created and revoked a moment ago, or no value", arguments: ProfileKind.allCases)
    func reads(kind: ProfileKind) async throws {
        let bench = bench(kind, lag: 4)
        _ = await bench.mint(Self.order())
        #expect(await bench.create().token != nil)
        #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-2")
        _ = try await bench.revoke().get()
        #expect(await bench.read()?.isThere == false)

        let slow = self.bench(kind, lag: 40)
        slow.graph.show(.init(value: "before", createdAt: slow.graph.now, expiresAt: slow.graph.now + .seconds(900)))
        slow.clock.advance(by: .seconds(50))
        #expect(await slow.create().token != nil)
        let unseen = try #require(await slow.read())
        #expect(unseen.isThere && unseen.value == nil && unseen.timeLeft.map { $0 > .seconds(3500) } == true)
        _ = try await slow.revoke().get()
        #expect(await slow.read()?.isThere == false)
    }

    @Test("where Graph does not lag, nobody waits", arguments: ProfileKind.allCases)
    func noLag(kind: ProfileKind) async throws {
        let bench = bench(kind, lag: 0)
        for number in 1...4 {
            #expect(await bench.create().token != nil)
            let read = try #require(await bench.read())
            #expect(read.value?.reveal { $0 } == "enrollment-canary-\(2 * number - 1)" && read.attempts.count == 1)
            if number.isMultiple(of: 2) { _ = try await bench.revoke().get() }
            #expect(await bench.mint(Self.order()).value == "enrollment-canary-\(2 * number)")
            #expect(await bench.mint(Self.order(reuse: .seconds(60))).present?.value != nil)
        }
        #expect(bench.clock.now - bench.start < .seconds(2))
    }

    @Test("one read that shows the past does no harm", arguments: ProfileKind.allCases)
    func staleOnce(kind: ProfileKind) async {
        let bench = bench(kind, lag: 0)
        await bench.becomeKnown(ago: .seconds(16))
        await bench.becomeKnown(ago: .seconds(5))
        for pause in [0.0, 30, 60] {
            bench.clock.advance(by: .seconds(pause))
            bench.graph.script(reads: [.old])
            #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-2", "\(pause)")
            let start = bench.clock.now
            #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-2", "\(pause)")
            #expect(bench.clock.now - start < .seconds(1))
        }
    }

    @Test("two at once whose times have no fractions can be read at once", arguments: ProfileKind.allCases)
    func wholeSeconds(kind: ProfileKind) async {
        let bench = bench(kind, lag: 0)
        bench.graph.tellTimes(inWholeSeconds: true)
        for number in 1...3 {
            #expect(await bench.create().token != nil)
            #expect(await bench.create().token != nil)
            let start = bench.clock.now
            #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-\(3 * number - 1)")
            #expect(bench.clock.now - start < .seconds(1))
            #expect(await bench.mint(Self.order()).value == "enrollment-canary-\(3 * number)")
        }
    }

    @Test("a lag of a second does not hide the last of two at once for long", arguments: ProfileKind.allCases)
    func doubleClick(kind: ProfileKind) async {
        let bench = bench(kind, lag: 1)
        #expect(await bench.create().token != nil)
        bench.clock.advance(by: .seconds(0.3))
        #expect(await bench.create().token != nil)
        bench.clock.advance(by: .seconds(3))
        let start = bench.clock.now
        #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-2")
        #expect(bench.clock.now - start < .seconds(7))
        #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-2")
        #expect(bench.clock.now - start < .seconds(7.1))
    }

    @Test(
        "where Graph's own clocks differ the new token is shown all the same",
        arguments: ProfileKind.allCases,
        [0.3, 1.5]
    )
    func skew(kind: ProfileKind, skew: Double) async {
        let bench = bench(kind, lag: 0)
        bench.graph.tellTimes(behind: .seconds(skew))
        for number in 1...5 {
            #expect(await bench.mint(Self.order()).value == "enrollment-canary-\(number)")
            bench.clock.advance(by: .seconds(7.3))
        }
    }

    @Test("somebody else's token after our revocation is taken for theirs", arguments: ProfileKind.allCases)
    func strangerAfterRevocation(kind: ProfileKind) async throws {
        let bench = bench(kind, lag: 0)
        #expect(await bench.create().token != nil)
        _ = try await bench.revoke().get()
        bench.clock.advance(by: .seconds(1))
        let now = bench.graph.now
        bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(3600)))
        #expect(await bench.read()?.value?.reveal { $0 } == "another")
        #expect(await bench.mint(Self.order(reuse: .seconds(60))).present?.value?.reveal { $0 } == "another")
    }

    @Test(
        "somebody else's token of before our creation is not read as the present one",
        arguments: ProfileKind.allCases
    )
    func strangerBefore(kind: ProfileKind) async {
        let bench = bench(kind, lag: 6)
        let now = bench.graph.now
        bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(3600)))
        bench.clock.advance(by: .seconds(2))
        #expect(await bench.create().token != nil)
        bench.clock.advance(by: .seconds(4.5))
        #expect(await bench.read()?.value?.reveal { $0 } == "enrollment-canary-1")
    }

    @Test("of many creations inside of the lag none but the last is read", arguments: ProfileKind.allCases)
    func many(kind: ProfileKind) async {
        let bench = bench(kind, lag: 3)
        for _ in 0..<20 {
            #expect(await bench.create().token != nil)
            bench.clock.advance(by: .milliseconds(200))
        }
        let shown = await bench.read()?.value?.reveal { $0 }
        #expect(shown == nil || shown == "enrollment-canary-20")
    }

    @Test(
        "what is looked at late, and could be of before by its times alone, is believed in the same look",
        arguments: ProfileKind.allCases
    )
    func lateLook(kind: ProfileKind) async throws {
        let bench = bench(kind, lag: 0)
        #expect(await bench.create().token != nil)
        _ = try await bench.revoke().get()
        let now = bench.graph.now
        bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(3600)))
        bench.clock.advance(by: .seconds(15))
        #expect(await bench.read()?.value?.reveal { $0 } == "another")
        #expect(await bench.mint(Self.order(reuse: .seconds(60))).present?.value?.reveal { $0 } == "another")

        let own = self.bench(kind, lag: 0)
        #expect(await own.create().token != nil)
        for _ in 0..<2 { _ = try await own.revoke().get() }
        #expect(await own.create().token != nil)
        let start = own.clock.now
        #expect(await own.read()?.value?.reveal { $0 } == "enrollment-canary-2")
        #expect(own.clock.now - start < .seconds(1))
    }

    @Test(
        "where Graph tells when a token was created, one of before a write of ours is never the present one",
        arguments: [true, false]
    )
    func olderByItsTime(isRevoked: Bool) async throws {
        for age in [2.0, 4.5] { try await olderByItsTime(isRevoked: isRevoked, age: age) }
    }

    private func olderByItsTime(isRevoked: Bool, age: Double) async throws {
        let bench = bench(.deviceOwner, lag: 6)
        let now = bench.graph.now
        bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(7200)))
        bench.clock.advance(by: .seconds(age))
        if isRevoked { _ = try await bench.revoke().get() } else { #expect(await bench.create().token != nil) }
        bench.clock.advance(by: .seconds(6.4 - age))
        #expect(await bench.read()?.value?.reveal { $0 } == (isRevoked ? nil : "enrollment-canary-1"))
    }

    @Test(
        "a profile that is without a token again is so at once, however it was before",
        arguments: ProfileKind.allCases
    )
    func emptyAgain(kind: ProfileKind) async {
        let bench = bench(kind, lag: 0)
        #expect(await bench.create().token != nil)
        bench.graph.show(nil)
        bench.clock.advance(by: .seconds(61))
        let start = bench.clock.now
        #expect(await bench.read()?.isThere == false)
        #expect(bench.clock.now - start < .seconds(1))
    }

    @Test("who revokes does not wait for those who wait to see their token")
    func revocationFirst() async throws {
        let bench = Bench(.androidForWork, writeLimit: nil, clock: ManualClock())
        bench.graph.lag(by: .seconds(40))
        let (values, revocation, time) = await bench.running {
            async let first = bench.mint(Self.order())
            async let second = bench.mint(Self.order())
            while bench.graph.actions == 0, !Task.isCancelled { await Task.yield() }
            let start = bench.clock.now
            let revocation = await bench.revoke()
            let time = bench.clock.now - start
            return await ([first.value, second.value], revocation, time)
        }
        _ = try revocation.get()
        #expect(values == ["pending", "pending"] && time < .seconds(8))
    }

    @Test("whatever is done at whatever lag, what is handed out is the present token", arguments: ProfileKind.allCases)
    func histories(kind: ProfileKind) async {
        var random = SeededRandom(seed: kind == .deviceOwner ? 3 : 5)
        var jitter = SeededRandom(seed: 13)
        for round in 0..<400 {
            let bench = bench(
                kind,
                lag: Double.random(in: 0...12, using: &random),
                jitter: .random(in: 0.8...1.2, using: &jitter)
            )
            // Of what came to an unknown end, or to a wrong one because Graph lags too long, nothing is certain.
            var isCertain = true
            var story = ""
            for step in 0..<6 {
                let actions = bench.graph.actions + bench.graph.revocations
                let validity = [3600, 7200].randomElement(using: &random)!
                if Int.random(in: 0..<4, using: &random) == 0 {
                    bench.graph.script(creates: [
                        [.acting(.fails(.reset)), .fails(.reset)].randomElement(using: &random)!
                    ])
                }
                var shown: String?
                var isOwn = false
                var isDone = true
                let operation = Int.random(in: 0..<5, using: &random)
                let begun = bench.clock.now - bench.start
                switch operation {
                case 0: isDone = await bench.outcome(validity: validity).token != nil
                case 1:
                    let result = await bench.mint(Self.order(validity))
                    (shown, isDone, isOwn) = (result.value, result.error == nil, true)
                case 2:
                    let result = await bench.mint(Self.order(validity, reuse: .seconds(600)))
                    isDone = result.error == nil
                    shown = result.value ?? result.present?.value?.reveal { $0 }
                case 3:
                    guard case .success = await bench.revoke() else {
                        isDone = false
                        break
                    }
                    #expect(bench.graph.shown?.value == nil, "\(round).\(step)")
                default: shown = await bench.read()?.value?.reveal { $0 }
                }
                story +=
                    " \(operation)@\(begun.seconds)-\((bench.clock.now - bench.start).seconds)v\(validity)\(isDone ? "" : "!")=\(shown ?? "")"
                if !isDone, bench.graph.actions + bench.graph.revocations > actions { isCertain = false }
                if let shown, shown != "pending", isCertain || isOwn {
                    #expect(shown == bench.graph.shown?.value, "\(round).\(step): \(story)")
                }
                bench.graph.script()
                bench.clock.advance(by: .seconds([0, 0.4, 2, 6, 20].randomElement(using: &random)!))
            }
        }
    }
}
