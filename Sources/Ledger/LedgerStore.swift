package import Graph
package import Transport

/// Where the ledger is kept.
///
/// All times are the store's own: this machine's for a file, the server's for a database that several gateways share, so that it
/// does not matter how far their clocks differ. What is handed in is therefore a length of time, never a moment; the moments in a
/// ``LedgerRecord`` that is handed in are not written but those of ``LedgerRecord/send`` and ``LedgerRecord/result``.
///
/// Every call ends in a bounded time. A call that fails has changed nothing, or fails with `isUncertain`.
package protocol LedgerStore: LedgerReading {
    /// This process's mark on what it writes.
    var instance: RecordID { get }

    /// Opens the store and brings its tables up to date; to be called once, and before all else. Safe with several gateways at once.
    func open() async throws(LedgerFault)

    /// Ends what is under way and lets go of the store.
    func close() async

    /// Claims an Idempotency-Key for a request that begins.
    ///
    /// Of several that ask at the same time, here or in other processes, one gets it. A claim is over when its request is settled, or
    /// when the claim's `work` time is over without anything having been sent. A key whose lifetime is over counts as free, but not
    /// while it is claimed, nor while its record is `sent`: what came of that request is still to be found out.
    func claim(_ claim: KeyClaim) async throws(LedgerFault) -> KeyClaim.Answer

    /// Puts on record that the request is `sent`, in one write that survives a loss of power (`fsync`) before this returns: it writes
    /// `acceptedAt` (`acceptedAgo` before now), `sentAt`, `workEnds` and the fingerprint under the claimed key, if there is one.
    ///
    /// - Parameter work: so long from now somebody may be at work on it. Its key is not free before it is settled.
    /// - Throws: `conflict` where another request has the key by now, because the claim was over, and where the record is settled.
    func begin(_ record: LedgerRecord, acceptedAgo: Duration, work: Duration) async throws(LedgerFault)

    /// Writes what came of the request: `state`, `result`, and when that was known. A record that was never sent is written as a
    /// whole. What was decided before stays as it is.
    ///
    /// It survives the end of this process, though perhaps not a loss of power.
    ///
    /// - Parameter key: what becomes of the Idempotency-Key, where the record has one.
    /// - Returns: whether it was written; if not, something was decided before.
    @discardableResult
    func settle(_ record: LedgerRecord, acceptedAgo: Duration, key: KeyFate) async throws(LedgerFault) -> Bool

    /// Gives a key back whose request came to nothing that is worth a record.
    func release(_ claim: KeyClaim) async

    /// Records that are `sent` although nobody is at work on them any more, oldest first. Right after ``open()`` of a store that no
    /// other process can use, that is every one.
    func orphans(limit: Int) async throws(LedgerFault) -> [LedgerRecord]

    func record(_ id: RecordID) async throws(LedgerFault) -> LedgerRecord?

    /// What was sent to the profile within the last `span`, whatever came of it, and always the last creation and the last revocation
    /// that are certain; oldest first, 64 at most (the newest ones).
    func writes(on profile: ProfileReference, within span: Duration) async throws(LedgerFault) -> [PastWrite]

    /// Deletes records that were accepted longer than `age` ago with their keys, and keys that are free because their lifetime is
    /// over; of each no more than `limit`.
    ///
    /// - Returns: how many records and how many such keys together: with 0 there is nothing left to delete.
    func prune(olderThan age: Duration, limit: Int) async throws(LedgerFault) -> Int

    /// Writes something that survives a loss of power, to see whether that works.
    func probe() async throws(LedgerFault)

    /// What gateways share that use the same store; `nil` where only one can use it.
    var sharing: (any LedgerSharing)? { get }
}

/// A claim on an Idempotency-Key. Callers have a name space each.
package struct KeyClaim: Sendable, Equatable {
    package var caller: String
    package var digest: Digest
    package var fingerprint: Digest
    /// The record of the request that claims it.
    package var record: RecordID
    /// So long from now the claim holds by itself.
    package var work: Duration
    /// So long from now the key is remembered with what was decided.
    package var lifetime: Duration

    package init(
        caller: String,
        digest: Digest,
        fingerprint: Digest,
        record: RecordID,
        work: Duration,
        lifetime: Duration
    ) {
        self.caller = caller
        self.digest = digest
        self.fingerprint = fingerprint
        self.record = record
        self.work = work
        self.lifetime = lifetime
    }

    package enum Answer: Sendable, Equatable {
        case claimed
        /// Another request has it: with this fingerprint, and with this record unless nothing was written of it yet.
        case taken(fingerprint: Digest, record: LedgerRecord?)
    }
}

/// What becomes of a key when its request is settled.
package enum KeyFate: Sendable, Equatable {
    /// What was decided is answered again for so long, counted from now.
    case kept(Duration)
    /// The next request with it runs anew.
    case released
}

/// A write to a profile as the ledger knows it.
package struct PastWrite: Sendable, Equatable {
    package var record: LedgerRecord
    /// How long ago it was sent, by the store's clock.
    package var sentAgo: Duration
    /// How long ago it was known what came of it; `nil` where it is not.
    package var decidedAgo: Duration?

    package init(record: LedgerRecord, sentAgo: Duration, decidedAgo: Duration?) {
        self.record = record
        self.sentAgo = sentAgo
        self.decidedAgo = decidedAgo
    }
}

/// Which records are looked for; `nil` is any.
package struct LedgerFilter: Sendable, Equatable {
    package var caller: String?
    package var profile: ProfileID?
    package var kind: ProfileKind?
    /// Accepted no earlier.
    package var since: Timestamp?
    package var outcome: LedgerRecord.Outcome?

    package init() {}
}

/// What gateways that use the same store share beside the records.
package protocol LedgerSharing: Sendable {
    /// Takes the profile's turn, unless another gateway has it: on the store's clock, and until `work` is over at the latest. No
    /// connection is held meanwhile.
    func takeTurn(of profile: ProfileReference, work: Duration) async throws(LedgerFault) -> SharedTurn

    /// Gives it back. Where that fails it ends by itself.
    func endTurn(of profile: ProfileReference) async

    /// Takes the next place in a bucket that all share, if it comes within `patience`.
    ///
    /// - Parameters:
    ///   - bucket: its name, such as `graph-writes`.
    ///   - count: so many in `interval` in the long run.
    ///   - burst: so many at once.
    func takePlace(
        in bucket: String,
        count: Int,
        interval: Duration,
        burst: Int,
        patience: Duration
    ) async throws(LedgerFault) -> SharedPlace

    /// No place in the bucket comes before `duration` is over. A shorter closing does not end a longer one.
    func close(_ bucket: String, for duration: Duration) async throws(LedgerFault)
}

package enum SharedTurn: Sendable, Equatable {
    /// - Parameter wasOthers: whether another process may have had the turn since this one had it last.
    case taken(wasOthers: Bool)
    /// Another has it, for so long at most.
    case busy(Duration)
}

package struct SharedPlace: Sendable, Equatable {
    /// Whether the place was taken; if so it comes after `wait`, if not there would be one after `wait`.
    package var isTaken: Bool
    package var wait: Duration
    /// How many more could be taken at once, and when the bucket is full again.
    package var remaining: Int
    package var fullAfter: Duration

    package init(isTaken: Bool, wait: Duration, remaining: Int, fullAfter: Duration) {
        self.isTaken = isTaken
        self.wait = wait
        self.remaining = remaining
        self.fullAfter = fullAfter
    }
}
