import Testing

@testable import Graph

@Suite("CallerRounds")
struct CallerRoundsTests {
    private var rounds = CallerRounds()

    @Test("a caller's permits come in one round after the other, and a newcomer's in the present one")
    mutating func next() {
        #expect((0..<3).map { _ in rounds.next(for: "greedy") } == [0, 1, 2])
        rounds.reach(1)
        #expect(rounds.next(for: "modest") == 1)
        #expect(rounds.next(for: "greedy") == 3)
    }

    @Test("what was asked for long ago does not count any more, nor is it kept")
    mutating func passed() {
        _ = rounds.next(for: "modest")
        for _ in 0..<10 { rounds.reach(rounds.next(for: "greedy")) }
        #expect(rounds.count == 1)
        #expect(rounds.next(for: "modest") == rounds.present)
    }

    @Test("what was given back was never asked for")
    mutating func givenBack() {
        _ = rounds.next(for: "hesitant")
        rounds.giveBack("hesitant")
        #expect(rounds.count == 0)
        #expect(rounds.next(for: "hesitant") == 0)
        _ = rounds.next(for: "hesitant")
        rounds.giveBack("hesitant")
        #expect(rounds.next(for: "hesitant") == 1)
        rounds.giveBack("nobody")
        #expect(rounds.next(for: "nobody") == 0)
    }

    @Test("a round can be begun anew, and then all are alike")
    mutating func anew() {
        for _ in 0..<5 { rounds.reach(rounds.next(for: "greedy")) }
        rounds.beginAnew()
        #expect(rounds.count == 0)
        #expect(rounds.next(for: "greedy") == rounds.next(for: "modest"))
    }
}
