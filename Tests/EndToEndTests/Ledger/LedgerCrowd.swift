import Foundation
import Synchronization

/// Callers that ask one thing after another, each until its answer is final, wherever a gateway is just then.
final class LedgerCrowd: Sendable {
    /// What a caller wanted and was told in the end.
    struct Exchange: Sendable {
        var request: KeyedRequest
        var answer: CurlAnswer
        var asked: Date
        var answered: Date
    }

    private struct State {
        /// Where the gateways are that can be asked.
        var places: [String] = []
        var asked = 0
        var ahead = Duration.zero
        var isOver = false
    }

    private let state = Mutex(State())

    var places: [String] {
        get { state.withLock(\.places) }
        set { state.withLock { $0.places = newValue } }
    }

    /// So far the gateways' and the sandbox's clocks are ahead.
    var ahead: Duration {
        get { state.withLock(\.ahead) }
        set { state.withLock { $0.ahead = newValue } }
    }

    /// How many requests were begun with.
    var asked: Int { state.withLock(\.asked) }

    private var now: Date { Date().addingTimeInterval(Double(ahead.components.seconds)) }

    /// No caller begins with anything new.
    func end() { state.withLock { $0.isOver = true } }

    /// Asks until ``end()``.
    ///
    /// - Parameters:
    ///   - profiles: of which each request takes one.
    ///   - revokes: one in so many; 0 for none.
    func ask(
        callers: Int,
        on profiles: [String],
        revokes: Int = 0,
        seed: UInt64
    ) async throws -> [Exchange] {
        try await withThrowingTaskGroup(of: [Exchange].self) { group in
            for caller in 0..<callers {
                group.addTask {
                    var random = SeededRandom(seed &+ UInt64(caller))
                    var exchanges: [Exchange] = []
                    while let number = self.next() {
                        var request = KeyedRequest(profile: profiles.randomElement(using: &random)!)
                        // Some look alike, and most do not.
                        request.validity = Int.random(in: 0..<4, using: &random) == 0 ? 3600 : 7200 + number
                        if revokes > 0, Int.random(in: 0..<revokes, using: &random) == 0 { request.validity = nil }
                        exchanges.append(try await self.settle(request))
                        try await Task.sleep(for: .milliseconds(Int.random(in: 50...250, using: &random)))
                    }
                    return exchanges
                }
            }
            return try await group.reduce(into: []) { $0 += $1 }
        }
    }

    private func next() -> Int? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            state.asked += 1
            return state.asked
        }
    }

    private func settle(_ request: KeyedRequest) async throws -> Exchange {
        let asked = now
        let answer = try await request.settle { self.places.randomElement() }
        return Exchange(request: request, answer: answer, asked: asked, answered: now)
    }
}
