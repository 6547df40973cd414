import Ledger

/// A call that waits for its answer.
struct Work: Sendable {
    let query: Query
    /// From then on it is not begun any more.
    let waitsUntil: Deadline
    /// Whether it was sent over a connection that then broke, so that it may have been done.
    var wasSent = false
    private let continuation: CheckedContinuation<Result<Rows, LedgerFault>, Never>

    init(
        _ query: Query,
        waitsUntil: Deadline,
        _ continuation: CheckedContinuation<Result<Rows, LedgerFault>, Never>
    ) {
        self.query = query
        self.waitsUntil = waitsUntil
        self.continuation = continuation
    }

    /// To be called once, as one of the two.
    func end(_ rows: Rows) { continuation.resume(returning: .success(rows)) }

    func fail(_ fault: LedgerFault) {
        var fault = fault
        fault.isUncertain = fault.isUncertain || wasSent
        continuation.resume(returning: .failure(fault))
    }
}
