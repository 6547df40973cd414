import Graph
import Logging
import Synchronization
import Transport

/// What is done about records whose outcome is not known: the profile is read, and nothing is sent.
extension Ledger {
    /// On whose behalf.
    enum Patience {
        /// A caller waits who has repeated its request.
        case repetition
        /// Nobody waits: the process that sent it is no more.
        case leftBehind

        /// How long reading may take.
        var limit: Duration {
            switch self {
            case .repetition: .seconds(8)
            case .leftBehind: .seconds(15)
            }
        }
    }

    /// Who ends an exchange, by a time-out or with its own end, does not know when Graph is done with it. A "no" is believed of no read
    /// before nobody would have waited any more, and so long has passed since: Graph may lag as well.
    package static let latest = Duration.seconds(60)
    /// The store's clock may show something else than this machine's. Of what is asked for too much, the newest is told.
    static let clockError = Duration.seconds(86_400)
    /// A record that cannot even be read about is given up after so long.
    static let longestSettling = Duration.seconds(600)

    /// Finds out what came of a record that is `sent` or `unknown`, and writes it.
    ///
    /// - Returns: the record as it is known now, still `unknown` where nothing could tell; `nil` where somebody may still be at
    ///   work on it.
    func settle(
        _ record: LedgerRecord,
        with settler: any WriteSettling,
        patience: Patience
    ) async throws(LedgerFault) -> LedgerRecord? {
        guard let facts = record.send else { return record.state == .accepted ? nil : record }
        let trail = try await trail(of: record)
        guard let own = trail.own else {
            // So much was done to the profile since that it is not told any more; or the record is gone.
            return trail.others.isEmpty ? nil : await write(record, .open, [])
        }
        // It was decided while it was looked for.
        if own.record.state.isDecided { return own.record }
        if record.state == .sent, store.sharing != nil, own.sentAgo < work { return nil }
        // What came after it took its place.
        guard !trail.isReplaced(record) else { return await write(record, .open, []) }
        let now = clock.now
        let rest = work + latest - own.sentAgo
        let write = SentWrite(
            profile: record.profile,
            kind: record.validityInSeconds.map { .creation(validity: .seconds($0)) } ?? .revocation,
            facts: facts,
            work: work,
            settled: now.advanced(by: max(.zero, rest)),
            neighbours: trail.neighbours(work: work),
            isFollowedByRevocation: trail.isFollowedByRevocation
        )
        do throws(GraphError) {
            var (settlement, attempts) = try await settler.settle(write, before: now.advanced(by: patience.limit))
            // A wait that was cut off has not looked for long enough.
            if settlement == .open, Task.isCancelled { return unfinished(record, patience) }
            // While the turn was waited for, another may have had it: what is shown may be that one's.
            if case .done = settlement, await !isUnchanged(trail, of: record) { settlement = .open }
            if settlement == .open, rest > .zero { return postponed(record, for: rest, attempts) }
            return await self.write(record, settlement, attempts)
        } catch {
            logger.warning(
                "What came of an earlier request cannot be found out yet",
                metadata: record.metadata.merging(["ledger.age_s": "\(own.sentAgo.components.seconds)"]) { $1 }
            )
            if Task.isCancelled { return unfinished(record, patience) }
            // While no gateway ran, nobody tried.
            let isHopeless = error.isNoProfile || min(own.sentAgo, clock.now - begun) > Self.longestSettling
            guard record.state == .sent, !isHopeless else { return await self.write(record, .open, error.attempts) }
            return patience == .repetition ? unknown(record, error.attempts) : nil
        }
    }

    /// It is too early for a "no": the record stays as it is, and is looked into again when that may be believed.
    private func postponed(_ record: LedgerRecord, for rest: Duration, _ attempts: [GraphAttempt]) -> LedgerRecord {
        let due = clock.now.advanced(by: rest)
        state.withLock { state in
            if state.due.count >= Self.mostLooks { state.due = [:] }
            state.due[record.id] = due
        }
        return unknown(record, attempts)
    }

    /// Nothing new is known, and nothing is written.
    private func unfinished(_ record: LedgerRecord, _ patience: Patience) -> LedgerRecord? {
        patience == .repetition ? unknown(record, []) : nil
    }

    private func isUnchanged(_ trail: Trail, of record: LedgerRecord) async -> Bool {
        guard let later = try? await self.trail(of: record) else { return false }
        return Set(later.others.map(\.record.id)).isSubset(of: trail.others.map(\.record.id))
            && !later.isReplaced(record)
    }

    func unknown(_ record: LedgerRecord, _ attempts: [GraphAttempt]) -> LedgerRecord {
        var known = record
        known.state = .unknown
        known.result.code = "outcome-unknown"
        known.result.graphRequestIDs += attempts.compactMap(\.requestID)
        return known
    }

    private func write(_ record: LedgerRecord, _ settlement: Settlement, _ attempts: [GraphAttempt]) async
        -> LedgerRecord
    {
        var known = unknown(record, attempts)
        var fate = KeyFate.kept(configuration.keyLifetime)
        switch settlement {
        case .done(let createdAt, let expiresAt):
            known.state = record.operation == .create ? .created : .revoked
            known.result.code = nil
            known.result.tokenCreatedAt = createdAt
            known.result.tokenExpiresAt = expiresAt
            known.result.evidence = CreatedToken.Evidence.readBack.rawValue
        case .notDone:
            known.state = .refused
            known.result.code = "graph-failed"
            known.result.evidence = CreatedToken.Evidence.readBack.rawValue
            fate = .released
        case .open:
            if record.state == .unknown { return known }
        }
        known.decidedAt = known.state.isDecided ? .now : nil
        let written = await settle(known, acceptedAgo: .zero, key: fate)
        // Another may have found it out before.
        guard written.isOutcome(of: known) else { return written }
        logger.notice(
            "Found out what came of an earlier request",
            metadata: known.metadata.merging(["outcome": "\(known.outcome)"]) { $1 }
        )
        return known
    }

    /// What was done to the profile about the time of the record and after it.
    func trail(of record: LedgerRecord) async throws(LedgerFault) -> Trail {
        let age = Timestamp.now - (record.sentAt ?? record.acceptedAt)
        let span = max(.zero, age) + work * 2 + Self.clockError
        return Trail(of: record, in: try await store.writes(on: record.profile, within: span))
    }
}

extension GraphError {
    fileprivate var isNoProfile: Bool { if case .profileNotFound = kind { true } else { false } }
}

extension LedgerRecord {
    /// Whether it says of the request what `other` says, and whence that is known.
    func isOutcome(of other: LedgerRecord) -> Bool {
        state == other.state && result.evidence == other.result.evidence
            && result.graphRequestIDs == other.result.graphRequestIDs
    }

    /// For the log.
    var metadata: Logger.Metadata {
        [
            "ledger.record": "\(id)", "ledger.request_id": "\(requestID)", "caller": "\(caller)",
            "profile.id": "\(profile.id)", "ledger.operation": "\(operation.rawValue)",
        ]
    }
}
