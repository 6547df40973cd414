import Graph
import Logging
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
            case .repetition: .seconds(12)
            case .leftBehind: .seconds(15)
            }
        }
    }

    /// Who ends an exchange, by a time-out or with its own end, does not know when Graph is done with it. A "no" is believed of no read
    /// before nobody would have waited any more, and so long has passed since: Graph may lag as well.
    static let latest = Duration.seconds(60)
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
        guard let own = trail.own else { return record.state == .unknown ? record : nil }
        // It was decided while it was looked for.
        if own.record.state.isDecided { return own.record }
        if record.state == .sent, store.sharing != nil, own.sentAgo < work { return nil }
        // What came after it took its place.
        guard !trail.isReplaced(record) else { return await write(record, .open, []) }
        let now = clock.now
        let write = SentWrite(
            profile: record.profile,
            kind: record.validityInSeconds.map { .creation(validity: .seconds($0)) } ?? .revocation,
            facts: facts,
            work: work,
            settled: now.advanced(by: max(.zero, work + Self.latest - own.sentAgo)),
            neighbours: trail.neighbours(work: work)
        )
        do throws(GraphError) {
            let (settlement, attempts) = try await settler.settle(write, before: now.advanced(by: patience.limit))
            return await self.write(record, settlement, attempts)
        } catch {
            logger.warning(
                "What came of an earlier request cannot be found out yet",
                metadata: record.metadata.merging(["ledger.age_s": "\(own.sentAgo.components.seconds)"]) { $1 }
            )
            let isHopeless = error.isNoProfile || own.sentAgo > Self.longestSettling
            guard record.state == .sent, !isHopeless else { return await self.write(record, .open, error.attempts) }
            return patience == .repetition ? unknown(record, error.attempts) : nil
        }
    }

    private func unknown(_ record: LedgerRecord, _ attempts: [GraphAttempt]) -> LedgerRecord {
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
            fate = .released
        case .open:
            if record.state == .unknown { return known }
        }
        known.decidedAt = .now
        logger.notice(
            "Found out what came of an earlier request",
            metadata: known.metadata.merging(["outcome": "\(known.outcome)"]) { $1 }
        )
        await settle(known, acceptedAgo: .zero, key: fate)
        return known
    }

    /// Whether the profile is known to have had another token, or none, since the record's was created.
    package func isReplaced(_ record: LedgerRecord) async -> Bool {
        (try? await trail(of: record))?.isReplaced(record) ?? false
    }

    /// What was done to the profile about the time of the record and after it.
    private func trail(of record: LedgerRecord) async throws(LedgerFault) -> Trail {
        let age = Timestamp.now - (record.sentAt ?? record.acceptedAt)
        // The clock of the store may show something else.
        let span = max(.zero, age) + work * 2 + Self.latest
        return Trail(of: record, in: try await store.writes(on: record.profile, within: span))
    }
}

/// A record among the writes to its profile.
private struct Trail {
    let own: PastWrite?
    let others: [PastWrite]

    init(of record: LedgerRecord, in writes: [PastWrite]) {
        own = writes.first { $0.record.id == record.id }
        others = writes.filter { $0.record.id != record.id }
    }

    /// Whether something later is certain to have been done. All times are the store's.
    func isReplaced(_ record: LedgerRecord) -> Bool {
        let time = own?.record.sentAt ?? record.sentAt ?? record.acceptedAt
        return others.contains { other in
            let isCertain = other.record.state == .created || other.record.state == .revoked
            return isCertain && other.record.sentAt.map { $0 > time } ?? false
        }
    }

    func neighbours(work: Duration) -> [SentWrite.Neighbour] {
        others.compactMap { other in
            guard let seconds = other.record.validityInSeconds, let facts = other.record.send else { return nil }
            let validity = Duration.seconds(seconds)
            let isEarlier = own.map { other.sentAgo > $0.sentAgo } ?? false
            switch other.record.state {
            case .created:
                guard let end = other.record.result.tokenExpiresAt else { break }
                let time = end - validity
                return .init(validity: validity, from: time, to: time, isEarlier: isEarlier)
            case .sent, .unknown: break
            case .accepted, .revoked, .reused, .refused: return nil
            }
            return .init(validity: validity, from: facts.earliest, to: facts.latest + work, isEarlier: isEarlier)
        }
    }
}

extension GraphError {
    fileprivate var isNoProfile: Bool { if case .profileNotFound = kind { true } else { false } }
}

extension LedgerRecord {
    /// For the log.
    var metadata: Logger.Metadata {
        [
            "ledger.record": "\(id)", "ledger.request_id": "\(requestID)", "caller": "\(caller)",
            "profile.id": "\(profile.id)", "ledger.operation": "\(operation.rawValue)",
        ]
    }
}
