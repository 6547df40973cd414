import Synchronization
package import Testing

/// Has a test begin anew, from a fresh instance of its suite, where it failed and the machine had stood still meanwhile: a limit in
/// time that is tried there, or waited for, is then over with nothing wrong.
///
/// What failed while the machine ran counts at once, and in the last attempt everything does. It is not for tests of what must not
/// be seen even once, such as a second token.
package struct AnewAfterStandstill: SuiteTrait, TestTrait, TestScoping {
    package static let attempts = 5
    /// In all of an attempt up to the failure.
    package static let least = Duration.milliseconds(500)

    package let isRecursive = true
    /// Begins to measure for how long the machine stands still.
    private let measure: @Sendable () -> @Sendable () -> Duration

    package init(measure: @escaping @Sendable () -> @Sendable () -> Duration) { self.measure = measure }

    package func scopeProvider(for test: Test, testCase: Test.Case?) -> AnewAfterStandstill? {
        testCase == nil ? nil : self
    }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        for _ in 1..<Self.attempts {
            let standstill = measure()
            let isSpoiled = Mutex(false)
            try await withKnownIssue("The machine had stood still", isIntermittent: true) {
                try await function()
            } matching: { _ in
                guard standstill() >= Self.least else { return false }
                isSpoiled.withLock { $0 = true }
                return true
            }
            if !isSpoiled.withLock(\.self) { return }
        }
        try await function()
    }
}

extension Trait where Self == AnewAfterStandstill {
    package static var anewAfterStandstill: Self {
        AnewAfterStandstill {
            let watch = Stopwatch()
            return { watch.standstill }
        }
    }
}
