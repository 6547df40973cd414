import Glibc

/// Threads that may block, and that nobody joins: what of the C libraries waits for a network.
package enum DetachedThread {
    private final class Body {
        let run: () -> Void

        init(_ run: @escaping () -> Void) { self.run = run }
    }

    /// Runs `body` on a thread of its own, to which everything goes over that it holds. Returns 0, or the system's reason for
    /// giving no thread; then `body` is dropped.
    package static func start(_ body: sending @escaping () -> Void) -> Int32 {
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
                unsafe Unmanaged<Body>.fromOpaque(context!).takeRetainedValue().run()
                return nil
            },
            context
        )
        if code != 0 { unsafe Unmanaged<Body>.fromOpaque(context).release() }
        return code
    }

    /// Signals are for the process's other threads. Above all SIGPIPE, which a write of OpenSSL's may raise. Threads that the
    /// calling one starts inherit this. Those that tell of a fault in this very thread stay.
    package static func blockSignals() {
        var signals = sigset_t()
        unsafe sigfillset(&signals)
        for fault in [SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT] { unsafe sigdelset(&signals, fault) }
        unsafe pthread_sigmask(SIG_BLOCK, &signals, nil)
    }
}
