import TestSupport

/// Does what a machine that stands still for a moment spoils though nothing is wrong, and where it stood still meanwhile, does it anew,
/// four times at most.
///
/// - Parameter attempt: makes all that it needs afresh, and returns whether it was as it should be. It records what was not only where that
///   counts: where the machine has not stood still, and the last time. What it throws counts then, too.
func despiteStandstill(_ attempt: (_ counts: () -> Bool) async throws -> Bool) async throws {
    for number in 1...AnewAfterStandstill.attempts {
        let watch = Stopwatch()
        let counts = { number == AnewAfterStandstill.attempts || watch.standstill < AnewAfterStandstill.least }
        do { if try await attempt(counts) { return } } catch  where !counts() {}
    }
}

/// Looks again and again until it is so, for a minute in which the machine runs.
func wait(until what: String, _ isSo: () async throws -> Bool) async throws {
    let watch = Stopwatch()
    while try await !isSo() {
        guard watch.elapsed < .seconds(60) else { throw Program.Failure(description: "in vain: \(what)") }
        try await Task.sleep(for: .milliseconds(20))
    }
}
