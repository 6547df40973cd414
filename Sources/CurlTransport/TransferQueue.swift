/// Which transfers there are, and what the thread has to do about them. It knows neither libcurl nor locks.
///
/// Every submission that is accepted is handed out exactly once: as one to end without being attached, or as one to
/// attach, which then is either reported as finished or ordered to be detached.
struct TransferQueue<Submission: Sendable>: Sendable {
    typealias ID = UInt64
    typealias Instant = ContinuousClock.Instant

    /// Why a submission is not accepted.
    enum Refusal: Equatable {
        case cancelled, full, stopping
    }

    /// Why a transfer ends before its answer is here.
    enum Ending: Equatable {
        case cancelled, timedOut
    }

    enum Submit: Equatable {
        /// `wake`: the thread does not know yet that there is something to do.
        case accepted(wake: Bool)
        case refused(Refusal)
    }

    /// What one drain hands to the thread, which must do all of it.
    struct Orders {
        /// Never attached: end them as said.
        var end: [(submission: Submission, ending: Ending)] = []
        var detach: [(id: ID, ending: Ending)] = []
        var attach: [(id: ID, submission: Submission)] = []
        /// Stopping, and nothing is left: nothing will ever come again.
        var isOver = false
    }

    private enum Entry {
        /// → cancelled, waiting, or gone (refused)
        case reserved
        /// Cancelled before it was submitted. → gone when it is submitted
        case cancelled
        /// → attached, or gone (ended)
        case waiting(Submission, deadline: Instant)
        /// → gone (finished, or detached). `isHeld`: cancelling it comes too late.
        case attached(deadline: Instant, isHeld: Bool)

        var deadline: Instant? {
            switch self {
            case .waiting(_, let deadline), .attached(let deadline, _): deadline
            case .reserved, .cancelled: nil
            }
        }
    }

    private let maximumActive: Int
    private let maximumQueued: Int
    private var entries: [ID: Entry] = [:]
    private var lastID: ID = 0
    /// In order of submission; may name transfers that are gone.
    private var arrivals: [ID] = []
    private var cancellations: [ID] = []
    private var isStopping = false
    /// Somebody was told to wake the thread, which has not drained since.
    private var isWaking = false
    private(set) var waitingCount = 0
    private(set) var activeCount = 0
    /// No deadline is earlier. It may be the deadline of a transfer that is gone: then one drain looks in vain.
    private(set) var nextDeadline: Instant?

    init(maximumActive: Int, maximumQueued: Int) {
        self.maximumActive = maximumActive
        self.maximumQueued = maximumQueued
    }

    /// Whether a drain would find something to do now, without another event.
    var hasWork: Bool { isOver || (waitingCount > 0 && activeCount < maximumActive) }

    /// Stopping, and nothing is left.
    private var isOver: Bool { isStopping && waitingCount == 0 && activeCount == 0 }

    /// A name for a transfer that is about to be submitted, so that cancelling it can come first.
    mutating func reserve() -> ID {
        lastID += 1
        entries[lastID] = .reserved
        return lastID
    }

    mutating func submit(_ submission: Submission, as id: ID, deadline: Instant) -> Submit {
        guard case .reserved? = entries[id] else {
            entries[id] = nil
            return .refused(.cancelled)
        }
        guard !isStopping, waitingCount < maximumQueued else {
            entries[id] = nil
            return .refused(isStopping ? .stopping : .full)
        }
        entries[id] = .waiting(submission, deadline: deadline)
        arrivals.append(id)
        waitingCount += 1
        nextDeadline = nextDeadline.map { min($0, deadline) } ?? deadline
        return .accepted(wake: wake())
    }

    /// Returns whether the thread has to be woken. One that is gone already is left alone.
    mutating func cancel(_ id: ID) -> Bool {
        switch entries[id] {
        case .reserved:
            entries[id] = .cancelled
            return false
        case .waiting, .attached:
            cancellations.append(id)
            return wake()
        case .cancelled, nil:
            return false
        }
    }

    /// From here on nothing is accepted; what was accepted goes on to its end. Returns whether to wake the thread.
    mutating func stop() -> Bool {
        isStopping = true
        return wake()
    }

    mutating func drain(now: Instant) -> Orders {
        isWaking = false
        var orders = Orders()
        for id in cancellations where !isHeld(id) { end(id, .cancelled, into: &orders) }
        cancellations.removeAll(keepingCapacity: true)
        if let nextDeadline, nextDeadline <= now { endOverdue(now: now, into: &orders) }
        attachWaiting(into: &orders)
        orders.isOver = isOver
        return orders
    }

    /// From here on only its deadline ends an attached transfer from outside.
    mutating func hold(_ id: ID) {
        guard case .attached(let deadline, _)? = entries[id] else { return }
        entries[id] = .attached(deadline: deadline, isHeld: true)
    }

    /// An attached transfer ended by itself.
    mutating func finish(_ id: ID) {
        guard case .attached? = entries[id] else { return }
        entries[id] = nil
        activeCount -= 1
    }

    private func isHeld(_ id: ID) -> Bool {
        if case .attached(_, isHeld: true)? = entries[id] { true } else { false }
    }

    private mutating func wake() -> Bool {
        defer { isWaking = true }
        return !isWaking
    }

    private mutating func end(_ id: ID, _ ending: Ending, into orders: inout Orders) {
        switch entries.removeValue(forKey: id) {
        case .waiting(let submission, _):
            waitingCount -= 1
            orders.end.append((submission, ending))
        case .attached:
            activeCount -= 1
            orders.detach.append((id, ending))
        case .reserved, .cancelled, nil:
            break
        }
    }

    private mutating func endOverdue(now: Instant, into orders: inout Orders) {
        var earliest: Instant?
        var overdue: [ID] = []
        for (id, entry) in entries {
            guard let deadline = entry.deadline else { continue }
            if deadline <= now { overdue.append(id) } else { earliest = min(earliest ?? deadline, deadline) }
        }
        for id in overdue { end(id, .timedOut, into: &orders) }
        nextDeadline = earliest
    }

    private mutating func attachWaiting(into orders: inout Orders) {
        var taken = 0
        for id in arrivals {
            guard activeCount < maximumActive else { break }
            taken += 1
            guard case .waiting(let submission, let deadline)? = entries[id] else { continue }
            entries[id] = .attached(deadline: deadline, isHeld: false)
            waitingCount -= 1
            activeCount += 1
            orders.attach.append((id, submission))
        }
        arrivals.removeFirst(taken)
    }
}
