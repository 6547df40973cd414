import Glibc

/// State that threads share and wait for: a mutex and a condition.
///
/// Safe to share because the state is only touched with the mutex held, and the mutex and the condition live at fixed addresses
/// from `init` to `deinit`, when nobody can be waiting any more.
@safe final class Monitor<State>: @unchecked Sendable {
    /// What a look at the state comes to.
    enum Look<Result> {
        case done(Result)
        /// To be looked at again after a signal, or at this time.
        case wait(until: Deadline?)
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let condition = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var state: State

    init(_ state: sending State) {
        self.state = state
        unsafe pthread_mutex_init(mutex, nil)
        var attributes = pthread_condattr_t()
        unsafe pthread_condattr_init(&attributes)
        // The clock of `Deadline`; the usual one jumps.
        unsafe pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        unsafe pthread_cond_init(condition, &attributes)
        unsafe pthread_condattr_destroy(&attributes)
    }

    deinit {
        unsafe pthread_cond_destroy(condition)
        unsafe pthread_mutex_destroy(mutex)
        unsafe condition.deallocate()
        unsafe mutex.deallocate()
    }

    func withLock<Result>(_ body: (inout State) -> Result) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        return body(&state)
    }

    /// Lets one thread look again.
    func signal() { unsafe pthread_cond_signal(condition) }

    /// Lets all threads look again.
    func broadcast() { unsafe pthread_cond_broadcast(condition) }

    /// Blocks the thread until `look` is done; it is called with the lock held.
    func await<Result>(_ look: (inout State) -> Look<Result>) -> Result {
        unsafe pthread_mutex_lock(mutex)
        defer { unsafe pthread_mutex_unlock(mutex) }
        while true {
            switch look(&state) {
            case .done(let result): return result
            case .wait(nil): unsafe pthread_cond_wait(condition, mutex)
            case .wait(let deadline?):
                var time = deadline.time
                unsafe pthread_cond_timedwait(condition, mutex, &time)
            }
        }
    }
}
