import Dispatch
package import Logging
import Synchronization

/// Appends records to a file, each as one line of JSON (``AuditLine``), for a log collector.
///
/// The work is done on a queue of its own: no request waits for the file, and none fails with it. Where the file cannot be written it
/// is tried again every second; what comes meanwhile waits, up to ``capacity`` records, and what comes beyond that is dropped and
/// counted. The ledger has all of it.
package final class AuditLog: Sendable {
    /// So many records wait at most.
    package static let capacity = 10_000
    /// So many are written at once.
    static let batchSize = 500
    static let retryInterval = DispatchTimeInterval.seconds(1)

    private struct State {
        var waiting: [LedgerRecord] = []
        var isScheduled = false
        var isClosed = false
        var fault: String?
        /// In all, and those of which the log does not know yet.
        var dropped = 0
        var untold = 0
        /// Whether the log knows that some were dropped since the fault began.
        var hasToldDrops = false
    }

    private let path: String
    private let logger: Logger
    private let queue = DispatchQueue(label: "audit-log", qos: .utility)
    private let state = Mutex(State())
    /// Only on the queue, so that nobody waits for the lock.
    private let file: Mutex<AuditLogFile>

    /// Opens the file, or makes it with mode 0600.
    ///
    /// - Throws: where that is impossible.
    package init(path: String, logger: Logger) throws(LedgerFault) {
        self.path = path
        self.logger = logger
        var file = AuditLogFile(path: path)
        if let fault = file.openAgain() {
            throw LedgerFault(
                .unavailable,
                "the audit log \(path) cannot be opened: \(fault.reason)",
                fix: "Let AUDIT_LOG_PATH name a file in a folder that exists and that the gateway may write to"
            )
        }
        self.file = Mutex(file)
    }

    /// Why it cannot be written at present, in a few words; `nil` where all is well.
    package var fault: String? { state.withLock(\.fault) }

    /// How many records were not written, in all.
    package var dropped: Int { state.withLock(\.dropped) }

    /// Takes a record to be written. Never waits and never fails; after ``close()`` it does nothing.
    package func record(_ record: LedgerRecord) {
        let isFirst = state.withLock { state in
            guard !state.isClosed else { return false }
            guard state.waiting.count < Self.capacity else {
                state.dropped += 1
                state.untold += 1
                return false
            }
            state.waiting.append(record)
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if isFirst { queue.async { self.drain() } }
    }

    /// Tries to write all that waits, once.
    package func flush() async {
        await withCheckedContinuation { continuation in
            queue.async {
                self.write()
                continuation.resume()
            }
        }
    }

    /// Writes what waits, as far as the file takes it, and takes nothing more.
    package func close() async {
        state.withLock { $0.isClosed = true }
        await flush()
        let left = file.withLock { $0.discard() }
        let lost = state.withLock { state in
            let lost = left + state.waiting.count
            state.waiting = []
            state.dropped += lost
            defer { state.untold = 0 }
            return lost + state.untold
        }
        if lost > 0 { tellDropped(lost) }
    }

    // MARK: On the queue

    private func drain() {
        guard write() else {
            queue.asyncAfter(deadline: .now() + Self.retryInterval) { self.drain() }
            return
        }
        // A record that came after the last look schedules anew only from here on.
        let isDone = state.withLock { state in
            state.isScheduled = !state.waiting.isEmpty
            return state.waiting.isEmpty
        }
        if !isDone { queue.async { self.drain() } }
    }

    /// - Returns: whether all that waited is written.
    @discardableResult
    private func write() -> Bool {
        file.withLock { file in
            while true {
                if file.isWritten {
                    let batch = state.withLock { state in
                        let batch = state.waiting.prefix(Self.batchSize)
                        state.waiting.removeFirst(batch.count)
                        return batch
                    }
                    guard !batch.isEmpty else { return true }
                    file.take(batch.flatMap { Array(AuditLine.text($0).utf8) + [0x0A] })
                }
                let fault = file.write()
                note(fault)
                guard fault == nil else { return false }
            }
        }
    }

    /// Says once when it begins, and once when it is over; so, too, of records that were dropped.
    private func note(_ fault: AuditLogFault?) {
        let (before, dropped) = state.withLock { state in
            let before = state.fault
            state.fault = fault.map { "\(path) cannot be written: \($0.reason)" }
            let dropped = fault == nil || !state.hasToldDrops ? state.untold : 0
            state.untold -= dropped
            state.hasToldDrops = fault != nil && (state.hasToldDrops || dropped > 0)
            return (before, dropped)
        }
        if let fault, before == nil {
            logger.error(
                "The audit log cannot be written; it is tried again",
                metadata: ["audit.path": "\(path)", "audit.reason": "\(fault.reason)"]
            )
        } else if fault == nil, before != nil {
            logger.notice("The audit log is written again", metadata: ["audit.path": "\(path)"])
        }
        if dropped > 0 { tellDropped(dropped) }
    }

    private func tellDropped(_ count: Int) {
        logger.error(
            "Records are missing in the audit log; the ledger has them",
            metadata: ["audit.path": "\(path)", "audit.dropped": "\(count)"]
        )
    }
}
