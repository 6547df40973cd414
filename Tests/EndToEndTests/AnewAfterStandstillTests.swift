import Synchronization
import TestSupport
import Testing

/// What lets a test begin anew must not let it pass.
@Suite("Beginning anew after a standstill")
struct AnewAfterStandstillTests {
    /// How often a test is begun that fails so many times.
    private func attempts(failing failures: Int, standstill: Duration) async throws -> Int {
        let count = Mutex(0)
        let trait = AnewAfterStandstill { { standstill } }
        let test = try #require(Test.current)
        try await trait.provideScope(for: test, testCase: Test.Case.current) {
            let attempt = count.withLock {
                $0 += 1
                return $0
            }
            if attempt <= failures { Issue.record("attempt \(attempt)") }
        }
        return count.withLock(\.self)
    }

    @Test("what succeeds is done once, whether the machine stood still or not", arguments: [0, 10])
    func success(seconds: Int) async throws {
        #expect(try await attempts(failing: 0, standstill: .seconds(seconds)) == 1)
    }

    @Test("what fails while the machine runs has failed")
    func failure() async throws {
        let standstill = AnewAfterStandstill.least - .nanoseconds(1)
        var count = 0
        try await withKnownIssue {
            count = try await attempts(failing: 1, standstill: standstill)
        } matching: {
            $0.comments == ["attempt 1"]
        }
        #expect(count == 1)
    }

    @Test("what fails while it stands still is done again, and what fails in the last attempt has failed")
    func standstill() async throws {
        let most = AnewAfterStandstill.attempts
        #expect(try await attempts(failing: most - 1, standstill: AnewAfterStandstill.least) == most)
        var count = 0
        try await withKnownIssue {
            count = try await attempts(failing: most, standstill: AnewAfterStandstill.least)
        } matching: {
            $0.comments == ["attempt \(most)"]
        }
        #expect(count == most)
    }
}
