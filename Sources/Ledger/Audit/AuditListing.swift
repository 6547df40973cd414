/// The records that match, in the order of their ids, a page at a time: it holds no more of them, however many there are.
package struct AuditListing: Sendable {
    package static let pageSize = 500

    private let ledger: any LedgerReading
    private let filter: LedgerFilter
    /// `nil`: all.
    private var rest: Int?
    private var position: RecordID?
    private var hasBegun = false
    private var hasEnded = false
    /// Whether earlier ones match, too.
    package private(set) var isCut = false

    package init(_ ledger: any LedgerReading, _ filter: LedgerFilter, limit: AuditLimit) {
        self.ledger = ledger
        self.filter = filter
        if case .last(let count) = limit { rest = count }
    }

    /// The next page; an empty one is the end. What comes to the ledger meanwhile may be among the last.
    package mutating func next() async throws(LedgerFault) -> [LedgerRecord] {
        if !hasBegun, let rest {
            position = try await ledger.position(beforeLast: rest, filter)
            isCut = position != nil
        }
        hasBegun = true
        let size = min(rest ?? Self.pageSize, Self.pageSize)
        guard size > 0, !hasEnded else { return [] }
        let page = try await ledger.records(filter, after: position, limit: size)
        // Who writes faster than this reads would never let it end.
        hasEnded = page.count < size
        position = page.last?.id ?? position
        rest = rest.map { $0 - page.count }
        return page
    }
}
