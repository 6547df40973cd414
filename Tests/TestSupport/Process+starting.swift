package import Foundation
import NIOConcurrencyHelpers

extension Process {
    private static let starting = NIOLock()

    /// As `run()`, one at a time: Foundation's own has crashed where several threads started programs at once.
    package func start() throws {
        try Self.starting.withLock { try run() }
    }
}
