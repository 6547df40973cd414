import Settings
import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("TokenCreation: reuse", .timeLimit(.minutes(5)))
struct ReuseTests {
    private static let order = TokenOrder(
        validityInSeconds: 3600,
        reuseIfValidFor: .seconds(1800),
        wantsRepresentation: true
    )

    private static func shown(_ bench: Bench, left: Duration, value: String? = "present") -> FakeGraph.Shown {
        .init(value: value, createdAt: bench.graph.now - .seconds(60), expiresAt: bench.graph.now + left)
    }

    @Test("a token that lives long enough is reused, and nothing is sent", arguments: ProfileKind.allCases)
    func longEnough(kind: ProfileKind) async throws {
        let bench = Bench(kind)
        bench.graph.show(Self.shown(bench, left: .seconds(1810)))
        let present = try #require(await bench.mint(Self.order).present)
        #expect(present.value?.reveal { $0 } == "present" && present.qrCodeContent?.reveal { $0 } == "scan present")
        let left = try #require(present.timeLeft)
        #expect(left <= .seconds(1810) && left > .seconds(1800))
        #expect(bench.sends == 0 && bench.reads == 1)
    }

    @Test("one without an end lives long enough")
    func endless() async {
        let bench = Bench()
        bench.graph.show(.init(value: "present", createdAt: nil, expiresAt: nil))
        #expect(await bench.mint(Self.order).present?.timeLeft == .some(nil))
        #expect(bench.sends == 0)
    }

    @Test(
        "one that lives too short, has ended or is not there is replaced",
        arguments: [("present", 1799.0), ("present", -1), (nil, 7200), (nil, -7200)] as [(String?, Double)]
    )
    func tooShort(value: String?, left: Double) async {
        for kind in ProfileKind.allCases {
            let bench = Bench(kind)
            bench.graph.show(Self.shown(bench, left: .seconds(left), value: value))
            #expect(await bench.mint(Self.order).value == "enrollment-canary-1")
            // Once before the turn, once in it as the baseline, once for the new token.
            #expect(bench.sends == 1 && bench.reads == 3)
        }
    }

    @Test("many at once share one creation", arguments: ProfileKind.allCases)
    func many(kind: ProfileKind) async {
        let bench = Bench(kind, clock: ManualClock())
        let results = await bench.running {
            await withTaskGroup(of: Result<TokenMinting, GraphError>.self) { group in
                for _ in 0..<40 { group.addTask { await bench.mint(Self.order) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(bench.sends == 1)
        #expect(results.compactMap(\.created).count == 1 && results.compactMap(\.present).count == 39)
        let values = Set(results.compactMap { $0.value ?? $0.present?.value?.reveal { $0 } })
        #expect(values == ["enrollment-canary-1"])
    }

    @Test(
        "while Graph lags behind our own last creation, it is waited for and not made again",
        arguments: ProfileKind.allCases
    )
    func lag(kind: ProfileKind) async throws {
        let bench = Bench(kind)
        bench.graph.show(Self.shown(bench, left: .seconds(3000), value: "before"))
        await bench.becomeKnown(validity: 3600, ago: .seconds(1))
        bench.graph.script(reads: [.old, .old, .old])
        let present = try #require(await bench.mint(Self.order).present)
        #expect(present.value?.reveal { $0 } == "enrollment-canary-1")
        #expect(bench.sends == 1)
    }

    @Test("one that Graph does not show for long is reused without its value", arguments: ProfileKind.allCases)
    func longLag(kind: ProfileKind) async throws {
        let bench = Bench(kind)
        bench.graph.show(Self.shown(bench, left: .seconds(3000), value: "before"))
        await bench.becomeKnown(validity: 3600, ago: .seconds(1))
        let begun = bench.clock.now
        bench.graph.script(reads: Array(repeating: .old, count: 100))
        let present = try #require(await bench.mint(Self.order).present)
        #expect(present.value == nil && bench.sends == 1)
        let left = try #require(present.timeLeft)
        #expect(left > .seconds(3580) && left < .seconds(3600))
        #expect(bench.clock.now - begun <= .seconds(11))
    }

    @Test("one that was known to process alone, without a read, is not confused with the one before")
    func lagWithoutBaseline() async throws {
        let bench = Bench(.androidForWork)
        await bench.becomeKnown(validity: 7200, ago: .seconds(600))
        // Not read before: the end of the one before is far off.
        await bench.becomeKnown(validity: 3600, ago: .seconds(2))
        #expect(bench.reads == 1)
        bench.graph.script(reads: [.old, .old])
        let present = try #require(await bench.mint(Self.order).present)
        #expect(present.value?.reveal { $0 } == "enrollment-canary-2")
    }

    @Test("what somebody else has revoked since is made anew", arguments: ProfileKind.allCases)
    func revokedByAnother(kind: ProfileKind) async {
        let bench = Bench(kind)
        await bench.becomeKnown(ago: .seconds(20))
        bench.graph.show(.init(value: nil, createdAt: bench.graph.now - .seconds(20), expiresAt: bench.graph.now))
        #expect(await bench.mint(Self.order).value == "enrollment-canary-2")
    }

    @Test("what somebody else has made since is reused, where Graph tells when that was")
    func replacedByAnother() async {
        let bench = Bench(.deviceOwner)
        await bench.becomeKnown(ago: .seconds(20))
        let now = bench.graph.now
        bench.graph.show(.init(value: "another", createdAt: now, expiresAt: now + .seconds(9000)))
        bench.clock.advance(by: .seconds(5))
        #expect(await bench.mint(Self.order).present?.value?.reveal { $0 } == "another")
        #expect(bench.sends == 1)
    }

    @Test("what cannot be read is told, and nothing is sent")
    func unreadable() async {
        let bench = Bench(reads: Array(repeating: .answers(.status(500)), count: 9))
        let error = await bench.mint(Self.order).error
        #expect(error?.kind.label == "failed" && error?.outcome == .notCreated)
        #expect(error?.attempts.count == 3 && bench.sends == 0)
    }
}
