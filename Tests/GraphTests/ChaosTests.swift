import HTTPTypes
import TestSupport
import Testing
import Transport

@testable import Graph

/// Random histories of one profile, each judged by `Bench.create` against what Graph really did.
///
/// A failure names its seed. To repeat it, put the seed into `seeds`.
@Suite("TokenCreation: random histories", .timeLimit(.minutes(1)))
struct ChaosTests {
    static let seeds: [UInt64] = Array(1...60) + [335, 182, 155, 122, 86, 235, .random(in: .min ... .max)]
    private static let scenarios = 20

    private static let answers: [FakeGraph.Create] =
        TokenCreationRepeatTests.ambiguous.map(\.1) + [
            .answers(.status(401)), .answers(.status(429, [.retryAfter: "1"])), .answers(.status(429)),
            .answers(.status(403)), .answers(.status(404)), .fails(.notConnected), .fails(.refusedStream),
        ]
    private static let acting = TokenCreationRepeatTests.ambiguous.map { FakeGraph.Create.acting($0.1) } + [.created]
    private static let reads =
        ReadingBackTests.uselessReads.map(\.1)
        + [.truth, .truth, .truth, .truth, .truth, .after(.seconds(2), .truth), .silent]

    @Test("nothing that Graph may do makes a claim false or a second token", arguments: seeds)
    func chaos(seed: UInt64) async {
        var random = SeededGenerator(seed: seed)
        for scenario in 0..<Self.scenarios {
            let kind = ProfileKind.allCases.randomElement(using: &random)!
            let deadline = [1, 5, 25, 60].randomElement(using: &random)!
            let bench = Bench(kind, deadline: .seconds(deadline), jitter: random.jitter())
            var history = "seed \(seed), scenario \(scenario): \(kind), \(deadline) s"
            for _ in 0..<4 {
                let creates = (0..<4).map { _ in
                    (Bool.random(using: &random) ? Self.answers : Self.acting).randomElement(using: &random)!
                }
                var script = (0..<8).map { _ in Self.reads.randomElement(using: &random)! }
                // What Graph shows may lag once: two reads of the past would be a no that nobody could tell from a true one.
                if Bool.random(using: &random) { script[Int.random(in: 0..<8, using: &random)] = .old }
                bench.graph.script(creates: creates, reads: script)
                let validity = [60, 3600].randomElement(using: &random)!
                history += "\n\((bench.clock.now - bench.start).seconds): \(validity) \(creates) \(script)"
                let result = await bench.create(validity: validity, note: history)
                history += " -> \(result.summary), \(bench.graph.actions) acted"
                if Bool.random(using: &random) {
                    bench.clock.advance(by: .seconds(Double.random(in: 0...40, using: &random)))
                }
            }
        }
    }
}

/// SplitMix64 (Steele, Lea and Flood 2014): the same numbers for the same seed, on every machine.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A factor for the pauses of one history.
    mutating func jitter() -> Double { Double.random(in: 0.8...1.2, using: &self) }
}
