import TestSupport
import Testing

/// What bounds in time are held against has to move.
@Suite("Stopwatch", .timeLimit(.minutes(5)))
struct StopwatchTests {
    @Test("it counts while threads run, and never more than has passed")
    func counts() async throws {
        let start = ContinuousClock.now
        let watch = Stopwatch()
        while watch.elapsed < .seconds(1) { try await Task.sleep(for: .milliseconds(1)) }
        #expect(ContinuousClock.now - start >= .seconds(1))
    }

    @Test("it counts by itself, also while nobody asks it")
    func unasked() async throws {
        // Twice as long as may count between two looks; where the machine stands still meanwhile, once more, until the test's time is over.
        while true {
            let watch = Stopwatch()
            try await Task.sleep(for: .milliseconds(500))
            if watch.elapsed > .milliseconds(100) { return }
        }
    }
}
