import Foundation
import GatewayAPI
import Synchronization
import UnixSignals

/// SIGTERM and SIGINT, from the process's first moments on.
final class StopSignals: Sendable {
    /// What asks for the service's end.
    let stopping = Stopping()
    private let signals: UnixSignalsSequence
    private let isServing = Atomic(false)

    /// A start that was told to end is given so long to come to the point where it ends in order.
    private static let patience = Duration.seconds(1)

    /// From here on the signals do not end the process by themselves.
    init() async { signals = await UnixSignalsSequence(trapping: .sigterm, .sigint) }

    /// Does what `body` does, while signals are listened for.
    func whileListening(_ body: () async throws -> Void) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await self.listen() }
            defer { group.cancelAll() }
            try await body()
        }
    }

    /// The service is made: from now on it ends in order.
    func beginServing() { isServing.store(true, ordering: .relaxed) }

    private func listen() async {
        await withDiscardingTaskGroup { group in
            for await _ in signals {
                stopping.ask()
                // The next signal is not kept waiting by the patience with this one.
                if !isServing.load(ordering: .relaxed) { group.addTask { await self.endUnlessServing() } }
            }
            group.cancelAll()
        }
    }

    private func endUnlessServing() async {
        guard (try? await Task.sleep(for: Self.patience)) != nil else { return }
        // Something keeps the start waiting, such as another gateway that has the ledger. Nobody waits for it.
        if !isServing.load(ordering: .relaxed) { ProcessLog.exit(EXIT_SUCCESS) }
    }
}
