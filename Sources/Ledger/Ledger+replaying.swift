package import Graph
import Transport

/// Whose token a profile shows.
package enum TokenOwner: Sendable {
    /// That of the request that asks.
    case own
    /// Another one has taken its place since, or it was revoked.
    case replaced
    /// It may be another request's, or its own is not shown yet.
    case uncertain
}

extension Ledger {
    /// Whether `shown` is the token that a request has made, or found good enough, some time ago. It is shown to nobody but that request,
    /// so that what could be another's is not taken for its own.
    ///
    /// - Parameter shown: read before this is asked: whatever was begun since is on record.
    package func owner(of shown: ShownToken, asking record: LedgerRecord) async -> TokenOwner {
        guard let trail = try? await trail(of: record) else { return .uncertain }
        if trail.isReplaced(record) { return .replaced }
        let age = Timestamp.now - (record.sentAt ?? record.acceptedAt)
        let mayLag = age < EnrollmentTokens.longestLag
        guard shown.isThere, record.isToken(shown) else { return mayLag ? .uncertain : .replaced }
        return trail.mayBeAnothers(shown, work: work, mayLag: mayLag) ? .uncertain : .own
    }
}

extension LedgerRecord {
    /// Whether `shown` is what this made, by its times.
    fileprivate func isToken(_ shown: ShownToken) -> Bool {
        let times = [(result.tokenCreatedAt, shown.createdAt), (result.tokenExpiresAt, shown.expiresAt)]
        let differences = times.compactMap { known, shown in known.flatMap { known in shown.map { known - $0 } } }
        // What Graph's answer tells of them has whole seconds.
        let slack = SentWrite.slack
        return !differences.isEmpty && differences.allSatisfy { $0 <= slack && $0 >= .zero - slack }
    }
}
