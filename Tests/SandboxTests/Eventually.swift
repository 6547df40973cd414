import Testing

/// Waits for what another connection's end brings about a moment later, and which nothing announces; the test's time limit bounds it.
func eventually(
    _ condition: () -> Bool,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    while !Task.isCancelled {
        if condition() { return }
        try? await Task.sleep(for: .milliseconds(5))
    }
    Issue.record("it did not come true", sourceLocation: sourceLocation)
}
