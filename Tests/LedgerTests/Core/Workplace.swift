import Graph
import Logging
import SQLiteLedger
import Settings
import Synchronization
import TestSupport
import Transport

@testable import Ledger

/// A store that fails where a test says so, in front of one that works.
final class FaultyStore: LedgerStore {
    enum Call: Hashable {
        case claim, begin, settle, probe, open, orphans, writes
    }

    private let inner: any LedgerStore
    private struct State {
        var failing: Set<Call> = []
        var kind = LedgerFault.Kind.unavailable
        var isUncertain = false
        var calls: [Call] = []
    }

    private let state = Mutex(State())
    let sharing: (any LedgerSharing)?

    init(_ inner: any LedgerStore, sharing: (any LedgerSharing)? = nil) {
        self.inner = inner
        self.sharing = sharing
    }

    func fail(_ calls: Set<Call>, as kind: LedgerFault.Kind = .unavailable, uncertain: Bool = false) {
        state.withLock { ($0.failing, $0.kind, $0.isUncertain) = (calls, kind, uncertain) }
    }
    var calls: [Call] { state.withLock(\.calls) }

    private func pass(_ call: Call) throws(LedgerFault) {
        let fault = state.withLock { state -> LedgerFault? in
            state.calls.append(call)
            guard state.failing.contains(call) else { return nil }
            return LedgerFault(state.kind, "no space is left", isUncertain: state.isUncertain)
        }
        if let fault { throw fault }
    }

    var instance: RecordID { inner.instance }
    func open() async throws(LedgerFault) {
        try pass(.open)
        try await inner.open()
    }
    func close() async { await inner.close() }
    func claim(_ claim: KeyClaim) async throws(LedgerFault) -> KeyClaim.Answer {
        try pass(.claim)
        return try await inner.claim(claim)
    }
    func begin(_ record: LedgerRecord, acceptedAgo: Duration, work: Duration) async throws(LedgerFault) {
        // What is uncertain was written here, and nobody hears of it.
        let (isUncertain, fails) = state.withLock { ($0.isUncertain, $0.failing.contains(.begin)) }
        if isUncertain, fails { try await inner.begin(record, acceptedAgo: acceptedAgo, work: work) }
        try pass(.begin)
        try await inner.begin(record, acceptedAgo: acceptedAgo, work: work)
    }
    func settle(_ record: LedgerRecord, acceptedAgo: Duration, key: KeyFate) async throws(LedgerFault) -> Bool {
        try pass(.settle)
        return try await inner.settle(record, acceptedAgo: acceptedAgo, key: key)
    }
    func release(_ claim: KeyClaim) async { await inner.release(claim) }
    func orphans(limit: Int) async throws(LedgerFault) -> [LedgerRecord] {
        try pass(.orphans)
        return try await inner.orphans(limit: limit)
    }
    func record(_ id: RecordID) async throws(LedgerFault) -> LedgerRecord? { try await inner.record(id) }
    func writes(on profile: ProfileReference, within span: Duration) async throws(LedgerFault) -> [PastWrite] {
        try pass(.writes)
        return try await inner.writes(on: profile, within: span)
    }
    func records(
        _ filter: LedgerFilter,
        after id: RecordID?,
        limit: Int
    ) async throws(LedgerFault) -> [LedgerRecord] {
        try await inner.records(filter, after: id, limit: limit)
    }
    func position(beforeLast count: Int, _ filter: LedgerFilter) async throws(LedgerFault) -> RecordID? {
        try await inner.position(beforeLast: count, filter)
    }
    func prune(olderThan age: Duration, limit: Int) async throws(LedgerFault) -> Int {
        try await inner.prune(olderThan: age, limit: limit)
    }
    func probe() async throws(LedgerFault) {
        try pass(.probe)
        try await inner.probe()
    }
}

/// Reads profiles as a test says.
final class FakeSettler: WriteSettling {
    private let log = Mutex<[SentWrite]>([])
    private let answer: @Sendable (SentWrite) async throws(GraphError) -> Settlement

    init(_ answer: @escaping @Sendable (SentWrite) async throws(GraphError) -> Settlement) { self.answer = answer }
    convenience init(_ settlement: Settlement) { self.init { (_) throws(GraphError) in settlement } }

    var asked: [SentWrite] { log.withLock { $0 } }

    func settle(
        _ write: SentWrite,
        before deadline: ContinuousClock.Instant
    ) async throws(GraphError) -> (settlement: Settlement, attempts: [GraphAttempt]) {
        log.withLock { $0.append(write) }
        return (try await answer(write), [])
    }
}

/// A ledger in a file of a test's own, and another process's when that one is gone.
struct Workplace {
    let folder: Folder
    let store: FaultyStore
    let ledger: Ledger

    init(
        in folder: Folder? = nil,
        clock: any MonotonicClock = ContinuousClock(),
        sharing: (any LedgerSharing)? = nil,
        audit: AuditLog? = nil,
        isStarting: Bool = false,
        latest: Duration = Ledger.latest
    ) async throws {
        let folder = try folder ?? Folder()
        self.folder = folder
        store = FaultyStore(SQLiteLedger(path: folder.path("ledger.sqlite")), sharing: sharing)
        ledger = Ledger(
            store: store,
            configuration: LedgerConfiguration(SettingsReader(environment: [:])),
            deadline: .seconds(25),
            latest: latest,
            audit: audit,
            clock: clock,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        try await ledger.openStore()
        if !isStarting { ledger.finishStarting(late: false) }
    }

    static func request(
        key: String? = nil,
        profile: ProfileReference = freshProfile(),
        operation: LedgerRecord.Operation = .create
    ) -> LedgerRequest {
        LedgerRequest(
            operation: operation,
            caller: "portal",
            keyID: nil,
            profile: profile,
            validityInSeconds: operation == .create ? 3600 : nil,
            requestID: "r",
            idempotencyKey: key
        )
    }

    static let facts = SendFacts(
        earliest: Timestamp(secondsSince1970: 1_772_439_330),
        latest: Timestamp(secondsSince1970: 1_772_439_331),
        isGraphsTime: true,
        before: .empty(ended: nil)
    )

    static let never = FakeSettler { (_) throws(GraphError) in preconditionFailure("nothing is to be settled") }

    func new(_ request: LedgerRequest) async throws -> OpenRecord {
        guard case .new(let entry) = try await ledger.open(request, settling: Self.never) else {
            throw LedgerFault(.unavailable, "it was asked before")
        }
        return entry
    }

    func earlier(_ request: LedgerRequest, _ settler: FakeSettler = Self.never) async throws -> LedgerRecord {
        guard case .earlier(let record) = try await ledger.open(request, settling: settler) else {
            throw LedgerFault(.unavailable, "it was not asked before")
        }
        return record
    }

    /// As a process does that dies: nothing more is written, and the file is let go.
    func die() async { await store.close() }

    var records: [LedgerRecord] {
        get async throws { try await store.records(LedgerFilter(), after: nil, limit: 1000) }
    }
}

extension LedgerOutcome {
    static var created: LedgerOutcome {
        let time = Timestamp(secondsSince1970: 1_772_439_330)
        return LedgerOutcome(
            .created(
                CreatedToken(
                    createdAt: time,
                    expiresAt: time + .seconds(3600),
                    graphRequestID: "g",
                    evidence: .answer,
                    attempts: []
                )
            )
        )
    }

    static func failed(_ kind: GraphError.Kind, _ outcome: GraphError.Outcome = .notCreated, isFinal: Bool = false)
        -> Self
    {
        LedgerOutcome(GraphError(kind, outcome: outcome), code: "code", isFinal: isFinal)
    }
}
