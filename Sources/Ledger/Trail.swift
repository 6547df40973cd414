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

    /// Whether what a profile shows may be the token of another request.
    ///
    /// - Parameter mayLag: whether Graph may still show what was there before the record's own.
    func mayBeAnothers(_ shown: ShownToken, work: Duration, mayLag: Bool) -> Bool {
        others.compactMap { neighbour($0, work: work, certain: mayLag) }
            .contains { $0.mayBeShown(createdAt: shown.createdAt, expiresAt: shown.expiresAt) }
    }

    /// Those whose tokens must not be taken for the record's own, in the order in which they were sent.
    func neighbours(work: Duration) -> [SentWrite.Neighbour] {
        var neighbours: [SentWrite.Neighbour] = []
        for other in others {
            if let neighbour = neighbour(other, work: work) { neighbours.append(neighbour) }
            // What a revocation has seen and ended is over, and what was before that, too.
            guard let before = emptied(by: other) else { continue }
            if let last = neighbours.lastIndex(where: { $0.mayBeShown(by: before) }) {
                neighbours.removeSubrange(...last)
            }
        }
        return neighbours
    }

    /// Whether a revocation was sent after it that may have been done.
    var isFollowedByRevocation: Bool {
        others.contains { other in
            let isUncertain = other.record.state == .sent || other.record.state == .unknown
            return other.record.operation == .revoke && isUncertain && !isEarlier(other)
        }
    }

    private func isEarlier(_ other: PastWrite) -> Bool { own.map { other.sentAgo > $0.sentAgo } ?? false }

    /// - Parameter certain: whether also of a creation that is certain.
    private func neighbour(_ other: PastWrite, work: Duration, certain: Bool = true) -> SentWrite.Neighbour? {
        guard let seconds = other.record.validityInSeconds, let facts = other.record.send else { return nil }
        let validity = Duration.seconds(seconds)
        switch other.record.state {
        case .created:
            guard certain else { return nil }
            guard let end = other.record.result.tokenExpiresAt else { break }
            let time = end - validity
            return .init(validity: validity, from: time, to: time, isEarlier: isEarlier(other))
        case .sent, .unknown: break
        case .accepted, .revoked, .reused, .refused: return nil
        }
        return .init(validity: validity, from: facts.earliest, to: facts.latest + work, isEarlier: isEarlier(other))
    }

    /// What the profile showed before a revocation after which, and before our own send, it was seen without a token.
    private func emptied(by other: PastWrite) -> TokenBefore? {
        guard other.record.state == .revoked, isEarlier(other), case .empty? = own?.record.send?.before else {
            return nil
        }
        return other.record.send?.before
    }
}
