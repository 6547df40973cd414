import NIOConcurrencyHelpers
import Transport

/// The two ways into the transfer thread: a queue behind a lock, and the wake-up of its multi handle.
final class TransferInbox: Sendable {
    private struct State {
        var queue: TransferQueue<Submission>
        var reports: [NameLookup.Report] = []
        /// Who waits for the thread's next turn.
        var turnWatchers: [@Sendable () -> Void] = []
        /// Nil once the thread is about to end its multi handle: then there is nothing to wake.
        var waker: MultiWaker?
        var isOver = false
        /// Who waits for the thread to be done.
        var waiters: [CheckedContinuation<Void, Never>] = []

        mutating func wake(if needed: Bool) {
            if needed { waker?.wake() }
        }
    }

    /// NIO's lock is a pthread mutex, which ThreadSanitizer knows; `Synchronization.Mutex` is built on futexes, which it does
    /// not, and would make `make sanitize` report races that are none. The same goes for the tests and what they share.
    private let state: NIOLockedValueBox<State>

    init(configuration: CurlConfiguration, waker: MultiWaker) {
        let queue = TransferQueue<Submission>(
            maximumActive: configuration.maximumActive,
            maximumQueued: configuration.maximumQueued
        )
        state = NIOLockedValueBox(State(queue: queue, waker: waker))
    }

    // MARK: - From any thread

    func reserve() -> TransferQueue<Submission>.ID { state.withLockedValue { $0.queue.reserve() } }

    /// Passes a submission on, or ends it at once when it is refused.
    func submit(_ submission: Submission, as id: TransferQueue<Submission>.ID) {
        let refusal = state.withLockedValue { state -> TransferQueue<Submission>.Refusal? in
            switch state.queue.submit(submission, as: id, deadline: submission.request.deadline) {
            case .accepted(let wake):
                state.wake(if: wake)
                return nil
            case .refused(let refusal):
                return refusal
            }
        }
        if let refusal { submission.continuation.resume(returning: .failure(refusal.error)) }
    }

    func cancel(_ id: TransferQueue<Submission>.ID) {
        state.withLockedValue { $0.wake(if: $0.queue.cancel(id)) }
    }

    /// Accepts nothing more; what was accepted goes on.
    func stop() {
        state.withLockedValue { $0.wake(if: $0.queue.stop()) }
    }

    /// From a lookup thread, which may be the last to know that the transfer thread is gone.
    func report(_ report: NameLookup.Report) {
        state.withLockedValue { state in
            guard let waker = state.waker else { return }
            state.reports.append(report)
            waker.wake()
        }
    }

    /// Returns when the thread is done.
    func ended() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLockedValue { state in
                if !state.isOver { state.waiters.append(continuation) }
                return state.isOver
            }
            if isOver { continuation.resume() }
        }
    }

    /// Has the thread call `done` in its next turn. Where the thread is done, which is no fault, it is called at once.
    func watchNextTurn(_ done: @escaping @Sendable () -> Void) {
        let isWatched = state.withLockedValue { state in
            guard let waker = state.waker else { return false }
            state.turnWatchers.append(done)
            waker.wake()
            return true
        }
        if !isWatched { done() }
    }

    /// Transfers that are not over.
    var count: Int { state.withLockedValue { $0.queue.waitingCount + $0.queue.activeCount } }

    // MARK: - From the transfer thread

    /// What there is to do for one turn.
    struct Mail {
        var orders: TransferQueue<Submission>.Orders
        var reports: [NameLookup.Report]
        /// Who wants to know that there was a turn.
        var turnWatchers: [@Sendable () -> Void]
    }

    func drain(now: ContinuousClock.Instant) -> Mail {
        state.withLockedValue { state in
            defer {
                state.reports = []
                state.turnWatchers = []
            }
            return Mail(
                orders: state.queue.drain(now: now),
                reports: state.reports,
                turnWatchers: state.turnWatchers
            )
        }
    }

    /// From here on cancelling does not reach the transfer. Cancellations are obeyed on the transfer thread too, so that none can
    /// come in between the decision to write a request and this.
    func hold(_ id: TransferQueue<Submission>.ID) { state.withLockedValue { $0.queue.hold(id) } }

    func finish(_ id: TransferQueue<Submission>.ID) { state.withLockedValue { $0.queue.finish(id) } }

    /// How long there is nothing to do but what libcurl and wake-ups tell.
    ///
    /// - Parameter end: when the thread has something to do of its own.
    func patience(until end: ContinuousClock.Instant?) -> Duration {
        state.withLockedValue { state in
            if state.queue.hasWork { return .zero }
            let next = [state.queue.nextDeadline, end].lazy.compactMap(\.self).min()
            return next.map { ContinuousClock.now.duration(to: $0) } ?? .seconds(60)
        }
    }

    /// The thread is about to end its multi handle. Under the lock that a wake-up takes, so that none can meet a freed handle.
    func retireWaker() { state.withLockedValue { $0.waker = nil } }

    /// The thread is done, its multi handle gone.
    func announceEnd() {
        let (waiters, watchers) = state.withLockedValue { state in
            defer { (state.waiters, state.turnWatchers) = ([], []) }
            state.isOver = true
            return (state.waiters, state.turnWatchers)
        }
        for waiter in waiters { waiter.resume() }
        for done in watchers { done() }
    }
}

extension TransferQueue.Refusal {
    /// Nothing was begun in any of these cases.
    var error: TransportError {
        switch self {
        case .cancelled:
            TransportError(.cancelled, delivery: .notSent, detail: "the calling task was cancelled")
        case .full:
            TransportError(.overloaded, delivery: .notSent, detail: "too many transfers are waiting")
        case .stopping:
            TransportError(.unavailable, delivery: .notSent, detail: "the transport is stopping")
        }
    }
}

extension TransferQueue.Ending {
    /// For a transfer that was never attached.
    var error: TransportError {
        switch self {
        case .cancelled:
            TransportError(.cancelled, delivery: .notSent, detail: "the calling task was cancelled")
        case .timedOut:
            TransportError(.timedOut, delivery: .notSent, detail: "the deadline passed while waiting for a turn")
        }
    }
}
