import TestSupport

/// Does what a machine that stands still for a moment spoils though nothing is wrong, and where it stood still meanwhile, does it anew,
/// twice at most.
///
/// - Parameter attempt: makes all that it needs afresh, and returns whether it was as it should be. It records what was not only where that
///   counts: where the machine has not stood still, and the last time.
func despiteStandstill(_ attempt: (_ counts: () -> Bool) async throws -> Bool) async throws {
    for number in 1...3 {
        let watch = Stopwatch()
        if try await attempt({ number == 3 || watch.standstill < .milliseconds(500) }) { return }
    }
}
