import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Graph

/// Scripts by chance, judged by what ``Bench/create(validity:sourceLocation:)`` checks after each creation.
@Suite("TokenCreation: claims", .timeLimit(.minutes(5)))
struct ClaimTests {
    @Test(
        "nothing that Graph may do makes a claim false or a second token",
        arguments: Array(0..<12) + [246, 370, 484] as [UInt64]
    )
    func chaos(seed: UInt64) async {
        for round in UInt64(0)..<40 { await chaos(SplitMix(seed: seed << 32 | round)) }
    }

    private func chaos(_ seeded: SplitMix) async {
        var random = seeded
        let answers: [FakeGraph.Create] =
            TokenCreationRepeatTests.ambiguous.map(\.1) + [
                .answers(.status(401)), .answers(.status(429, [.retryAfter: "1"])), .answers(.status(429)),
                .answers(.status(403)), .answers(.status(404)), .fails(.notConnected), .fails(.refusedStream),
            ]
        let acting = TokenCreationRepeatTests.ambiguous.map { FakeGraph.Create.acting($0.1) } + [.created]
        let reads =
            ReadingBackTests.uselessReads.map(\.1) + Array(repeating: .truth, count: 5) + [
                .after(.seconds(2), .truth), .silent,
            ]
        let kind = ProfileKind.allCases.randomElement(using: &random)!
        var other = seeded
        let factor = Double.random(in: 0.8...1.2, using: &other)
        let deadline = [1, 5, 25, 60].randomElement(using: &random)!
        let bench = Bench(kind, deadline: .seconds(deadline), jitter: factor)
        for _ in 0..<4 {
            var creates: [FakeGraph.Create] = []
            for _ in 0..<4 {
                creates.append((Bool.random(using: &random) ? answers : acting).randomElement(using: &random)!)
            }
            var script = (0..<8).map { _ in reads.randomElement(using: &random)! }
            // What Graph shows may lag once: two reads of the past would be a no that nobody could tell from a true one.
            if Bool.random(using: &random) { script[Int.random(in: 0..<8, using: &random)] = .old }
            bench.graph.script(creates: creates, reads: script)
            _ = await bench.create(validity: [60, 3600].randomElement(using: &random)!)
            if Bool.random(using: &random) {
                bench.clock.advance(by: .seconds(Double.random(in: 0...40, using: &random)))
            }
        }
    }
}

/// Random numbers that are the same in each run: SplitMix64.
private struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}
