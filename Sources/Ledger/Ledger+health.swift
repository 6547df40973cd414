import Logging
import Synchronization
import Transport

/// How the ledger is.
package struct LedgerHealth: Sendable {
    /// Why nothing can be written at present.
    package var fault: LedgerFault?
    /// Whether records that were left behind are still looked into, so that nothing is taken.
    package var isStarting: Bool
    /// Outcomes that could not be written yet.
    package var unwritten: Int
    /// Records that nobody is at work on and of which it is not known what came of them, as far as the last look went.
    package var unsettled: Int
    /// What ails the audit log.
    package var auditFault: String?
    /// Records that are missing in the audit log; `nil` where there is none.
    package var auditDropped: Int?
}

extension Ledger {
    /// More outcomes that could not be written are not kept: their records stay `sent` and are looked into later.
    static let mostUnwritten = 10_000

    package var health: LedgerHealth {
        state.withLock {
            LedgerHealth(
                fault: $0.fault,
                isStarting: $0.isStarting,
                unwritten: $0.unwritten.count,
                unsettled: $0.leftBehind,
                auditFault: audit?.fault,
                auditDropped: audit?.dropped
            )
        }
    }

    /// Notes that the store has failed; it is logged when that is news.
    func note(_ fault: LedgerFault) {
        // That is told by a store that works.
        if fault.kind == .conflict { return }
        metrics.failed()
        let isNews = state.withLock { state in
            defer { state.fault = fault }
            return state.fault?.reason != fault.reason
        }
        guard isNews else { return }
        logger.error(
            "The ledger cannot be written: nothing is created or revoked until it can",
            metadata: [
                "ledger.fault": "\(fault.kind.rawValue)", "ledger.reason": "\(fault.reason)",
                "ledger.fix": "\(fault.fix ?? "none known")",
            ]
        )
    }

    func noteSuccess() {
        let wasFaulty = state.withLock { state in
            defer { state.fault = nil }
            return state.fault != nil
        }
        if wasFaulty { logger.notice("The ledger can be written again") }
    }

    func keep(_ unwritten: Unwritten) {
        let isKept = state.withLock { state in
            let isKept = state.unwritten.count < Self.mostUnwritten
            if isKept { state.unwritten[unwritten.record.id] = unwritten }
            return isKept
        }
        logger.warning(
            "What came of a request is not on record yet",
            metadata: unwritten.record.metadata.merging([
                "outcome": "\(unwritten.record.outcome)", "ledger.is_kept": "\(isKept)",
            ]) { $1 }
        )
    }
}
