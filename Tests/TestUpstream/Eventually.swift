/// Waits until `condition` holds; the test's time limit bounds it.
package func eventually(_ condition: @Sendable () -> Bool) async throws {
    while !condition() {
        try await Task.sleep(for: .milliseconds(5))
    }
}
