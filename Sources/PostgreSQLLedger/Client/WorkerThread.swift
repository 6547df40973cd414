import Glibc
import Ledger

/// Threads that may block, and that nobody joins.
enum WorkerThread {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }

        func start() {
            WorkerThread.blockSignals()
            run()
        }
    }

    /// Runs `body` on a thread of its own, to which everything goes over that it holds.
    ///
    /// - Returns: whether there is such a thread; if not, `body` is dropped.
    static func start(_ body: sending @escaping () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        unsafe pthread_attr_init(&attributes)
        defer { unsafe pthread_attr_destroy(&attributes) }
        unsafe pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        // One reference, which the thread takes, or this function when there is none.
        let context = unsafe Unmanaged.passRetained(Body(body)).toOpaque()
        var thread = pthread_t()
        let code = unsafe pthread_create(
            &thread,
            &attributes,
            { context in
                unsafe Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().start()
                return nil
            },
            context
        )
        if code != 0 { unsafe Unmanaged<Body>.fromOpaque(context).release() }
        return code == 0
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

    /// Signals are for the process's other threads, above all SIGPIPE, which a write of OpenSSL's may raise. Those that tell of a
    /// fault in this very thread stay.
    private static func blockSignals() {
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { unsafe sigdelset(&signals, fault) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
