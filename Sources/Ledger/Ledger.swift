package import Graph
package import Logging
import Synchronization
import Traces
package import Transport

/// The durable record of what was asked and what came of it.
///
/// With it a caller may always ask again: what was decided is answered again, what may have been done is looked into and never sent
/// a second time. See ``LedgerStore`` for where it is kept.
package final class Ledger: Sendable {
    /// The code of the problem that a caller is told of while nothing can be written.
    package static let unavailableCode = "ledger-unavailable"
    /// What a caller is told to wait while its first request runs.
    static let inProgressRetryAfter = Duration.seconds(2)
    /// So long after a profile was read about an unknown record, it is not read about it again.
    static let lookPause = Duration.seconds(5)
    /// Of so many it is remembered when that was.
    static let mostLooks = 10_000
    /// The same while records of before are looked into at start.
    static let startingRetryAfter = Duration.seconds(3)
    /// Beyond a request's deadline, its outcome may still have to be written.
    static let workMargin = Duration.seconds(5)

    struct State {
        var fault: LedgerFault?
        var isOpen = false
        /// Records that were left behind are looked into, and nothing is taken meanwhile.
        var isStarting = true
        /// Those that this process is at work on.
        var active: Set<RecordID> = []
        /// Those whose profiles are being read about, and when each was read about last.
        var settling: Set<RecordID> = []
        var looked: [RecordID: ContinuousClock.Instant] = [:]
        /// Those of which more can be known from then on.
        var due: [RecordID: ContinuousClock.Instant] = [:]
        /// How many were found, at the last look, that nobody is at work on and of which it is not known what came of them.
        var leftBehind = 0
        /// What came of a request and could not be written yet.
        var unwritten: [RecordID: Unwritten] = [:]
    }

    /// What is still to be written.
    struct Unwritten: Sendable {
        var record: LedgerRecord
        var acceptedAt: ContinuousClock.Instant
        var key: KeyFate
        /// Of the request, though it is over.
        var span: TraceSpan?
    }

    let store: any LedgerStore
    let configuration: LedgerConfiguration
    /// So long after it was sent, nobody is at work on a request any more.
    let work: Duration
    /// See ``Ledger/latest``.
    let latest: Duration
    let clock: any MonotonicClock
    let logger: Logger
    let audit: AuditLog?
    let metrics: LedgerMetrics
    let state = Mutex(State())
    /// When this process began to look after the records.
    let begun: ContinuousClock.Instant

    /// - Parameter deadline: all upstream work of one request.
    package init(
        store: any LedgerStore,
        configuration: LedgerConfiguration,
        deadline: Duration,
        latest: Duration = Ledger.latest,
        audit: AuditLog? = nil,
        metrics: LedgerMetrics = LedgerMetrics(),
        clock: any MonotonicClock = ContinuousClock(),
        logger: Logger
    ) {
        self.store = store
        self.configuration = configuration
        work = deadline + Self.workMargin
        self.latest = latest
        self.clock = clock
        begun = clock.now
        self.logger = logger
        self.audit = audit
        self.metrics = metrics
    }

    /// What became of a request that was to be taken.
    package enum Opening: Sendable {
        /// It is to be run now.
        case new(OpenRecord)
        /// It was run before, under the same Idempotency-Key: this is what is known of it.
        case earlier(LedgerRecord)
    }

    /// Why a request is not taken.
    package enum Refusal: Error, Sendable, Equatable {
        case unavailable
        /// The key was used for another request.
        case keyReused
        case inProgress(retryAfter: Duration)
        case starting(retryAfter: Duration)
    }

    /// Takes a request.
    ///
    /// - Parameter settler: reads profiles, for a repetition of a request whose outcome is unknown.
    package func open(
        _ request: LedgerRequest,
        settling settler: any WriteSettling
    ) async throws(Refusal) -> Opening {
        if state.withLock(\.isStarting) { throw .starting(retryAfter: Self.startingRetryAfter) }
        let record = request.record(.fresh(), by: store.instance, at: .now)
        guard let digest = record.keyDigest else { return .new(OpenRecord(record, claim: nil, in: self)) }
        let claim = KeyClaim(
            caller: record.caller,
            digest: digest,
            fingerprint: record.fingerprint,
            record: record.id,
            work: work,
            lifetime: configuration.keyLifetime
        )
        switch try await answer(to: claim) {
        case .claimed: return .new(OpenRecord(record, claim: claim, in: self))
        case .taken(let fingerprint, _) where fingerprint != record.fingerprint: throw .keyReused
        case .taken(_, nil): throw .inProgress(retryAfter: Self.inProgressRetryAfter)
        case .taken(_, let earlier?): return .earlier(try await known(earlier, settler))
        }
    }

    private func answer(to claim: KeyClaim) async throws(Refusal) -> KeyClaim.Answer {
        do throws(LedgerFault) {
            // It says nothing about writing: a file's claims are kept in memory.
            return try await timed(.claim) { () async throws(LedgerFault) in try await store.claim(claim) }
        } catch {
            note(error)
            throw .unavailable
        }
    }

    /// What is known of an earlier request by now.
    private func known(_ record: LedgerRecord, _ settler: any WriteSettling) async throws(Refusal) -> LedgerRecord {
        if record.state.isDecided { return record }
        let (isActive, unwritten) = state.withLock { ($0.active.contains(record.id), $0.unwritten[record.id]?.record) }
        if let unwritten, unwritten.state.isDecided { return unwritten }
        if isActive { throw .inProgress(retryAfter: Self.inProgressRetryAfter) }
        let latest = unwritten ?? record
        switch beginLook(at: latest) {
        case .begun: break
        case .underWay: throw .inProgress(retryAfter: Self.inProgressRetryAfter)
        case .tooSoon: return unknown(latest, [])
        }
        let known: LedgerRecord?
        do throws(LedgerFault) {
            known = try await settle(latest, with: settler, patience: .repetition)
        } catch {
            note(error)
            endLook(at: latest, wasInVain: true)
            // That it was sent is known, and no more.
            return unknown(latest, [])
        }
        // Of one that another is at work on nothing was looked for.
        endLook(at: latest, wasInVain: known?.state == .unknown)
        guard let known else { throw .inProgress(retryAfter: Self.inProgressRetryAfter) }
        return known
    }

    private enum Look {
        case begun
        case underWay
        case tooSoon
    }

    /// One at a time looks, and not again and again: a look takes the profile's turn, for which others wait.
    private func beginLook(at record: LedgerRecord) -> Look {
        let now = clock.now
        return state.withLock { state in
            if let last = state.looked[record.id], now - last < Self.lookPause {
                return .tooSoon
            }
            guard state.settling.insert(record.id).inserted else { return .underWay }
            if state.looked.count >= Self.mostLooks { state.looked = [:] }
            return .begun
        }
    }

    private func endLook(at record: LedgerRecord, wasInVain: Bool) {
        state.withLock { state in
            state.settling.remove(record.id)
            state.looked[record.id] = wasInVain ? clock.now : nil
        }
    }

    // MARK: For records that are open

    func begin(_ record: LedgerRecord, acceptedAgo: Duration) async throws(LedgerFault) {
        state.withLock { _ = $0.active.insert(record.id) }
        do throws(LedgerFault) {
            try await timed(.begin) { () async throws(LedgerFault) in
                try await store.begin(record, acceptedAgo: acceptedAgo, work: work)
            }
            noteSuccess()
        } catch {
            note(error)
            throw error
        }
    }

    /// Writes what came of a request; where that fails, it is kept and tried again.
    ///
    /// - Returns: what is known of it: something else where that was decided before.
    @discardableResult
    func settle(_ record: LedgerRecord, acceptedAgo: Duration, key: KeyFate) async -> LedgerRecord {
        do throws(LedgerFault) {
            return try await put(record, acceptedAgo: acceptedAgo, key: key)
        } catch {
            note(error)
            let unwritten = Unwritten(
                record: record,
                acceptedAt: clock.now.advanced(by: .zero - acceptedAgo),
                key: key,
                span: .current
            )
            keep(unwritten)
            return record
        }
    }

    /// The same, once. What was decided before is on record, and in the audit log, already.
    func put(
        _ record: LedgerRecord,
        acceptedAgo: Duration,
        key: KeyFate
    ) async throws(LedgerFault) -> LedgerRecord {
        let isWritten = try await timed(.settle) { () async throws(LedgerFault) in
            try await store.settle(record, acceptedAgo: acceptedAgo, key: key)
        }
        noteSuccess()
        // A database may have written it when it was told so the first time, and have lost its answer.
        if !isWritten, let earlier = try? await store.record(record.id), !earlier.isOutcome(of: record) {
            return earlier
        }
        audit?.record(record)
        return record
    }

    private func timed<Value>(
        _ operation: LedgerMetrics.Operation,
        _ write: () async throws(LedgerFault) -> Value
    ) async throws(LedgerFault) -> Value {
        let step = TraceSpan.step("ledger \(operation.rawValue)")
        let start = clock.now
        defer {
            let end = clock.now
            metrics.wrote(in: end - start, operation)
            StepLog.waited(for: "ledger", since: start, until: end)
            step?.end()
        }
        do throws(LedgerFault) {
            return try await write()
        } catch {
            step?.fail(error.kind.rawValue)
            throw error
        }
    }

    func end(_ id: RecordID) { state.withLock { _ = $0.active.remove(id) } }
}
