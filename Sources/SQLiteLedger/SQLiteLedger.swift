package import Graph
package import Ledger

/// The ledger as a file of this machine.
package final class SQLiteLedger: LedgerStore {
    package let instance = RecordID.fresh()
    package init(path: String) {}
    private var missing: LedgerFault { LedgerFault(.unavailable, "it is not written yet") }
    package func open() async throws(LedgerFault) { throw missing }
    package func close() async {}
    package func claim(_ claim: KeyClaim) async throws(LedgerFault) -> KeyClaim.Answer { throw missing }
    package func begin(_ record: LedgerRecord, acceptedAgo: Duration, work: Duration) async throws(LedgerFault) {}
    package func settle(_ record: LedgerRecord, acceptedAgo: Duration, key: KeyFate) async throws(LedgerFault) {}
    package func release(_ claim: KeyClaim) async {}
    package func orphans(limit: Int) async throws(LedgerFault) -> [LedgerRecord] { [] }
    package func record(_ id: RecordID) async throws(LedgerFault) -> LedgerRecord? { nil }
    package func writes(
        on profile: ProfileReference,
        within span: Duration
    ) async throws(LedgerFault) -> [PastWrite] { [] }
    package func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int
    ) async throws(LedgerFault) -> [LedgerRecord] { [] }
    package func prune(olderThan age: Duration, limit: Int) async throws(LedgerFault) -> Int { 0 }
    package func probe() async throws(LedgerFault) {}
    package var sharing: (any LedgerSharing)? { nil }
}
