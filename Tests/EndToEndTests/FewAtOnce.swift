import Testing

/// Lets a few cases of a suite run at once and has the others wait: many programs at once would hold up the tests that count on time.
struct FewAtOnce: SuiteTrait, TestTrait, TestScoping {
    let isRecursive = true
    private let places: Places

    func scopeProvider(for test: Test, testCase: Test.Case?) -> FewAtOnce? { testCase == nil ? nil : self }

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        await places.take()
        do {
            try await function()
        } catch {
            await places.giveBack()
            throw error
        }
        await places.giveBack()
    }

    init(_ count: Int) { places = Places(free: count) }
}

extension Trait where Self == FewAtOnce {
    static func fewAtOnce(_ count: Int) -> Self { Self(count) }
}

private actor Places {
    private var free: Int
    private var waiting: [CheckedContinuation<Void, Never>] = []

    init(free: Int) { self.free = free }

    func take() async {
        if free > 0 {
            free -= 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
    }

    func giveBack() {
        if waiting.isEmpty {
            free += 1
        } else {
            waiting.removeFirst().resume()
        }
    }
}
