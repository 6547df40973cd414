import Graph
import Synchronization
import Transport

@testable import Ledger

/// Records to show.
enum AuditSample {
    static let profile = ProfileID("7b1d2c3e-4f50-4a61-9b72-8c93a0b4d5e6")!
    static let instance = RecordID("01890000-0000-7000-8000-0000000000aa")!
    static let begin = Timestamp(secondsSince1970: 1_772_439_330.123)

    /// - Parameter after: seconds after ``begin``.
    static func record(
        after seconds: Double = 0,
        _ state: LedgerRecord.State = .created,
        operation: LedgerRecord.Operation = .create,
        caller: String = "portal-eu"
    ) -> LedgerRecord {
        let time = begin + .seconds(seconds)
        // Not `fresh`: that of one process never goes back, and other tests run beside.
        let least = RecordID.least(at: time)
        let id = RecordID(high: least.high | 0x7000, low: UInt64.random(in: 1...UInt64.max))
        return LedgerRecord(
            id: id,
            operation: operation,
            caller: caller,
            keyID: "hikmehbh",
            profile: ProfileReference(kind: .deviceOwner, id: profile),
            validityInSeconds: operation == .create ? 3600 : nil,
            requestID: "req-1",
            keyDigest: nil,
            fingerprint: Digest(of: "fingerprint"),
            instance: instance,
            acceptedAt: time,
            state: state
        )
    }
}

/// Records that change while somebody reads them.
final class ScriptedLedger: LedgerReading {
    private struct State {
        var records: [RecordID: LedgerRecord] = [:]
        var faults: [LedgerFault?] = []
        var largestPage = 0
        var read = 0
    }

    private let state: Mutex<State>

    init(_ records: [LedgerRecord] = []) {
        var state = State()
        for record in records { state.records[record.id] = record }
        self.state = Mutex(state)
    }

    func put(_ record: LedgerRecord) { state.withLock { $0.records[record.id] = record } }

    func delete(_ id: RecordID) { state.withLock { $0.records[id] = nil } }

    func decide(_ id: RecordID, _ decision: LedgerRecord.State) {
        state.withLock { $0.records[id]?.state = decision }
    }

    /// How the next calls that read records end; `nil`: well.
    func fail(_ faults: LedgerFault?...) { state.withLock { $0.faults = faults } }

    var largestPage: Int { state.withLock(\.largestPage) }
    /// How many records were handed out.
    var read: Int { state.withLock(\.read) }

    func records(_ filter: LedgerFilter, after id: RecordID?, limit: Int) async throws(LedgerFault) -> [LedgerRecord] {
        let answer = state.withLock { state -> Result<[LedgerRecord], LedgerFault> in
            if !state.faults.isEmpty, let fault = state.faults.removeFirst() { return .failure(fault) }
            let page = matching(filter, in: state).filter { record in id.map { record.id > $0 } ?? true }.prefix(limit)
            state.largestPage = max(state.largestPage, page.count)
            state.read += page.count
            return .success(Array(page))
        }
        return try answer.get()
    }

    func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID? {
        state.withLock { matching(filter, in: $0).dropLast(count).last?.id }
    }

    private func matching(_ filter: LedgerFilter, in state: State) -> [LedgerRecord] {
        state.records.values.sorted { $0.id < $1.id }.filter { record in
            (filter.caller ?? record.caller) == record.caller && (filter.outcome ?? record.outcome) == record.outcome
                && record.acceptedAt >= filter.since ?? record.acceptedAt
        }
    }
}
