import UnixSignals

/// An end that was asked for.
enum AuditEnd {
    /// Works until Control-C or SIGTERM, which are an end like any other.
    static func orderly(_ work: @escaping @Sendable () async throws -> Void) async throws {
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await work() }
            group.addTask { for await _ in signals { return } }
            defer { group.cancelAll() }
            try await group.next()
        }
    }
}
