import Ledger

/// A connection is of no use any more; whether what was in flight was done is not known.
struct ConnectionLoss: Error {
    let fault: LedgerFault
    /// The server kept silent for as long as it may. Else it was cut.
    let isTimeout: Bool

    static let timeout = ConnectionLoss(
        fault: LedgerFault(.unavailable, "the database did not answer in time"),
        isTimeout: true
    )
    static let cut = ConnectionLoss(
        fault: LedgerFault(.unavailable, "the connection to the database broke"),
        isTimeout: false
    )
}
