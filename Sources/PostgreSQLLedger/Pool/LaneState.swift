import Ledger

/// What the threads of a lane share: which calls wait, and how the connections are. A value without locks or threads.
struct LaneState {
    /// What a thread does next.
    enum Order {
        case connect
        case run([Work])
        case stop
    }

    private enum Phase { case closed, opening, open }

    private var phase = Phase.closed
    private(set) var waiting: [Work] = []
    /// Threads with a connection, and those of them that have nothing to do.
    private(set) var connected = 0
    private var idle = 0
    /// The first failure since the last connection was lost.
    private var outageSince: Deadline?
    /// Why no connection came about, since the last one that did.
    private var lastFailure: LedgerFault?
    /// Threads that have not stopped.
    var threads = 0
    var closers: [CheckedContinuation<Void, Never>] = []
    /// Whether somebody looks after the calls that wait too long.
    var isWatched = false

    /// Whether calls are taken.
    var isOpen: Bool { phase == .open }

    /// From then on threads wait for what there is to do.
    mutating func beginOpening() {
        phase = .opening
        isWatched = false
    }

    mutating func open() { phase = .open }
    mutating func close() { phase = .closed }

    mutating func submit(_ work: Work) { waiting.append(work) }

    /// What was taken and not begun, or may be done twice, comes first.
    mutating func putBack(_ works: [Work]) { waiting.insert(contentsOf: works, at: 0) }

    /// What the thread does next; `nil` when it waits.
    ///
    /// - Parameter isIdle: whether it waited with a connection before; it is told whether it does so now.
    mutating func order(isConnected: Bool, isIdle: inout Bool, pausing: Bool, batch: Int) -> Order? {
        if isIdle { idle -= 1 }
        isIdle = false
        if waiting.isEmpty, phase == .closed { return .stop }
        if isConnected, !waiting.isEmpty {
            defer { waiting.removeFirst(min(batch, waiting.count)) }
            return .run(Array(waiting.prefix(batch)))
        }
        // One that has a connection will take it.
        if !isConnected, !waiting.isEmpty, !pausing, idle == 0 { return .connect }
        isIdle = isConnected
        if isIdle { idle += 1 }
        return nil
    }

    mutating func noteConnected() {
        connected += 1
        outageSince = nil
        lastFailure = nil
    }

    mutating func noteLost() { connected -= 1 }

    /// - Returns: the calls that are not worth waiting any longer.
    mutating func noteFailure(_ fault: LedgerFault, at now: Deadline, tolerance: Duration) -> [Work] {
        lastFailure = fault
        // As long as another thread has a connection this is no outage.
        guard connected == 0 else { return [] }
        let since = outageSince ?? now
        outageSince = since
        guard !isOpen || fault.kind != .unavailable || since + tolerance <= now else { return [] }
        defer { waiting = [] }
        return waiting
    }

    /// Takes out the calls that have waited too long, and says why they had to.
    mutating func expire(at now: Deadline) -> (late: [Work], fault: LedgerFault) {
        let late = waiting.filter { $0.waitsUntil <= now }
        if !late.isEmpty { waiting.removeAll { $0.waitsUntil <= now } }
        let busy = LedgerFault(.unavailable, "no connection to the database was free or came about in time")
        return (late, connected == 0 ? lastFailure ?? busy : busy)
    }
}
