import Graph
import Transport

/// A record among the writes to its profile.
struct Trail: Sendable {
    let own: PastWrite?
    let others: [PastWrite]

    init(of record: LedgerRecord, in writes: [PastWrite]) {
        own = writes.first { $0.record.id == record.id }
        others = writes.filter { $0.record.id != record.id }
    }

    /// Whether something later is certain to have been done. All times are the store's.
    func isReplaced(_ record: LedgerRecord) -> Bool {
        // What was reused was there when that was decided.
        let time = own?.record.sentAt ?? record.sentAt ?? record.decidedAt ?? record.acceptedAt
        return others.contains { other in
            let isCertain = other.record.state == .created || other.record.state == .revoked
            return isCertain && other.record.sentAt.map { $0 > time } ?? false
        }
    }

    /// - Parameter certain: those, too, whose creation is certain.
    func neighbours(work: Duration, certain: Bool = true) -> [SentWrite.Neighbour] {
        others.compactMap { other in
            guard let seconds = other.record.validityInSeconds, let facts = other.record.send else { return nil }
            let validity = Duration.seconds(seconds)
            let isEarlier = own.map { other.sentAgo > $0.sentAgo } ?? false
            switch other.record.state {
            case .created:
                guard certain else { return nil }
                guard let end = other.record.result.tokenExpiresAt else { break }
                let time = end - validity
                return .init(validity: validity, from: time, to: time, isEarlier: isEarlier)
            case .sent, .unknown: break
            case .accepted, .revoked, .reused, .refused: return nil
            }
            return .init(validity: validity, from: facts.earliest, to: facts.latest + work, isEarlier: isEarlier)
        }
    }

    /// Whether what a profile shows may be the token of another request.
    ///
    /// - Parameter mayLag: whether Graph may still show what was there before the record's own.
    func mayBeAnothers(_ shown: ShownToken, work: Duration, mayLag: Bool) -> Bool {
        neighbours(work: work, certain: mayLag).contains {
            $0.mayBeShown(createdAt: shown.createdAt, expiresAt: shown.expiresAt)
        }
    }
}
