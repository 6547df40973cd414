package import Graph
import Synchronization
import Transport

/// The record of one request that is being answered.
package final class OpenRecord: WriteRecord {
    private enum Progress {
        case accepted
        /// At this time, on this machine's clock.
        case sent(SendFacts, Timestamp)
        /// It may be on record that it was sent although it was not.
        case uncertain
    }

    private let ledger: Ledger
    let record: LedgerRecord
    let claim: KeyClaim?
    private let begun: ContinuousClock.Instant
    private let progress = Mutex(Progress.accepted)

    init(_ record: LedgerRecord, claim: KeyClaim?, in ledger: Ledger) {
        self.ledger = ledger
        self.record = record
        self.claim = claim
        begun = ledger.clock.now
    }

    package var id: RecordID { record.id }

    /// How long ago the request was taken.
    private var age: Duration { ledger.clock.now - begun }

    package func willSend(_ facts: SendFacts) async throws(NotRecorded) {
        switch progress.withLock({ $0 }) {
        case .accepted: break
        // It is sent once, however many attempts that takes.
        case .sent: return
        case .uncertain: throw NotRecorded()
        }
        var sent = record
        sent.state = .sent
        sent.send = facts
        do throws(LedgerFault) {
            try await ledger.begin(sent, acceptedAgo: age)
            progress.withLock { $0 = .sent(facts, .now) }
        } catch {
            if error.isUncertain { progress.withLock { $0 = .uncertain } }
            throw NotRecorded()
        }
    }

    /// Puts on record what came of it. Whether that succeeds or not, the caller is told the truth: what could not be written is tried
    /// again, and the record stays `sent` until then.
    package func finish(_ outcome: LedgerOutcome) async {
        var final = record
        final.state = outcome.state
        final.result = outcome.result
        final.decidedAt = outcome.state.isDecided ? .now : nil
        let fate: KeyFate = outcome.isFinal ? .kept(ledger.configuration.keyLifetime) : .released
        switch progress.withLock({ $0 }) {
        case .accepted where outcome.result.code == Ledger.unavailableCode:
            // It could not be written a moment ago.
            if let claim { await ledger.store.release(claim) }
        case .sent(let facts, let time):
            (final.send, final.sentAt) = (facts, time)
            await ledger.settle(final, acceptedAgo: age, key: fate)
        case .accepted, .uncertain:
            await ledger.settle(final, acceptedAgo: age, key: fate)
        }
        ledger.end(record.id)
    }
}
