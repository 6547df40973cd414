import Ledger
import Threads

/// Threads that wait for the server, and that nobody joins.
enum WorkerThread {
    /// As ``start(_:)``, which tests stand in for.
    typealias Start = @Sendable (sending @escaping () -> Void) -> Bool

    /// Runs `body` on a thread of its own, to which everything goes over that it holds.
    ///
    /// - Returns: whether there is such a thread; if not, `body` is dropped.
    static func start(_ body: sending @escaping () -> Void) -> Bool {
        DetachedThread.start {
            DetachedThread.blockSignals()
            body()
        } == 0
    }

    /// Runs `body` on a thread of its own, and suspends the caller meanwhile.
    static func run(
        _ body: @escaping @Sendable () throws(LedgerFault) -> Void
    ) async throws(LedgerFault) {
        try await withCheckedContinuation { (continuation: CheckedContinuation<Result<Void, LedgerFault>, Never>) in
            let isStarted = start {
                do throws(LedgerFault) {
                    continuation.resume(returning: .success(try body()))
                } catch {
                    continuation.resume(returning: .failure(error))
                }
            }
            if !isStarted {
                continuation.resume(returning: .failure(LedgerFault(.unavailable, "the system gives no threads")))
            }
        }.get()
    }
}
