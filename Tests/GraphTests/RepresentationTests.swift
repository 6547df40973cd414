import TestSupport
import Testing
import Transport

@testable import Graph

@Suite("TokenCreation: representation", .timeLimit(.minutes(5)))
struct RepresentationTests {
    @Test("the new token is read after the write", arguments: ProfileKind.allCases)
    func first(kind: ProfileKind) async {
        let bench = Bench(kind)
        let result = await bench.mint()
        #expect(result.value == "enrollment-canary-1" && result.qrCode == "scan enrollment-canary-1")
        #expect(result.created?.attempts.map(\.operation) == [.readProfile, .createToken, .readProfile])
    }

    @Test("nothing is read that was not asked for")
    func unasked() async {
        let bench = Bench()
        #expect(await bench.mint(TokenOrder(validityInSeconds: 3600)).created?.representation == nil)
        #expect(bench.reads == 1)
    }

    @Test(
        "while Graph shows the one before it is waited, and that one is never handed out",
        arguments: ProfileKind.allCases
    )
    func lag(kind: ProfileKind) async {
        let bench = Bench(kind, reads: [.truth, .old, .old, .old, .old])
        bench.graph.show(
            .init(value: "before", createdAt: bench.graph.now, expiresAt: bench.graph.now + .seconds(3600))
        )
        #expect(await bench.mint().value == "enrollment-canary-1")
        #expect(bench.reads == 6)
    }

    @Test(
        "a profile that does not show it in time leaves it pending, within its limit",
        arguments: ProfileKind.allCases
    )
    func pending(kind: ProfileKind) async throws {
        let bench = Bench(kind, reads: [.truth] + Array(repeating: .old, count: 100))
        bench.graph.show(
            .init(value: "before", createdAt: bench.graph.now, expiresAt: bench.graph.now + .seconds(3600))
        )
        let result = await bench.mint()
        #expect(result.value == "pending" && result.created?.evidence == .answer)
        let sent = try #require(bench.graph.times(of: .createToken).first)
        #expect(bench.clock.now - sent > .seconds(8) && bench.clock.now - sent <= .seconds(10.1))
        #expect((8...16).contains(bench.reads))
    }

    @Test("a read that fails is followed by another one")
    func failingReads() async {
        let bench = Bench(reads: [.truth, .answers(.status(500)), .fails(.reset), .answers(.status(429)), .shows(nil)])
        #expect(await bench.mint().value == "enrollment-canary-1")
    }

    @Test(
        "a profile that shows the new end without the token itself does not yet show it",
        arguments: ProfileKind.allCases
    )
    func withoutValue(kind: ProfileKind) async {
        let bench = Bench(kind)
        let created = bench.graph.now
        let empty = FakeGraph.Shown(value: nil, createdAt: created, expiresAt: created + .seconds(3600))
        bench.graph.script(reads: [.truth, .shows(empty), .shows(empty)])
        #expect(await bench.mint().value == "enrollment-canary-1")
        #expect(bench.reads == 4)
    }

    @Test("the deadline bounds the waiting")
    func deadline() async {
        let bench = Bench(reads: [.truth] + Array(repeating: .old, count: 100), deadline: .seconds(5))
        #expect(await bench.mint().value == "pending")
        #expect(bench.clock.now - bench.start <= .seconds(5))
    }

    @Test("a lost answer is found out about and shown with the same read")
    func readBack() async {
        let bench = Bench(creates: [.acting(.fails(.reset))])
        let result = await bench.mint()
        #expect(result.value == "enrollment-canary-1" && result.created?.evidence == .readBack)
        #expect(bench.reads == 2)
    }

    @Test("two at once each get their own, in order of arrival", arguments: ProfileKind.allCases)
    func twoAtOnce(kind: ProfileKind) async {
        let bench = Bench(kind, reads: [.truth, .old, .old, .truth, .truth, .old, .old], clock: ManualClock())
        let values = await bench.running {
            async let first = bench.mint()
            async let second = bench.mint()
            return await [first.value, second.value].compactMap { $0 }
        }
        #expect(Set(values) == ["enrollment-canary-1", "enrollment-canary-2"])
        #expect(bench.sends == 2)
    }

    @Test("whatever the lag, what is handed out is what this order made", arguments: ProfileKind.allCases)
    func histories(kind: ProfileKind) async {
        var random = SeededRandom(seed: kind == .deviceOwner ? 7 : 11)
        var jitter = SeededRandom(seed: 17)
        for _ in 0..<300 {
            let bench = Bench(kind, writeLimit: nil, jitter: .random(in: 0.8...1.2, using: &jitter))
            for number in 1...4 {
                let reads = (0..<Int.random(in: 0...8, using: &random)).map { _ -> FakeGraph.Read in
                    [.truth, .old, .old, .answers(.status(503)), .fails(.reset)].randomElement(using: &random)!
                }
                bench.graph.script(
                    creates: [[.created, .acting(.fails(.reset))].randomElement(using: &random)!],
                    reads: reads
                )
                let result = await bench.mint(
                    TokenOrder(
                        validityInSeconds: [3600, 7200].randomElement(using: &random)!,
                        wantsRepresentation: true
                    )
                )
                if let value = result.value {
                    #expect(["pending", "enrollment-canary-\(number)"].contains(value), "\(reads)")
                }
                guard bench.graph.actions == number else { break }
                bench.clock.advance(by: .seconds(Double.random(in: 0...40, using: &random)))
            }
        }
    }
}

/// The same numbers each time (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
