import Transport

/// Finds what is decided from now on, by looking again and again.
///
/// Records do not come in the order of their ids: one is written when it is sent or decided, which may be long after its id was made,
/// and the clocks of several gateways differ. So each look goes back a little behind the last id, and now and then further; and
/// those that were left undecided are looked at one by one. No look asks this machine for the time.
///
/// What it keeps in mind is bounded: beyond ``capacity`` it reaches less far back, and shows nothing twice all the same.
package struct AuditFollower: Sendable {
    static let near = Duration.seconds(120)
    static let far = Duration.seconds(1800)
    /// Every so many looks go far.
    static let farEvery = 15
    /// So many records are kept in mind between looks: those within reach, and undecided ones of before.
    static let capacity = 40_000
    /// So many of those that were left undecided are looked at each time.
    static let undecidedAtOnce = 20

    private let ledger: any LedgerReading
    private let filter: LedgerFilter
    private let outcome: LedgerRecord.Outcome?
    private let capacity: Int
    private var newest: RecordID?
    /// No look goes back further: what was there is forgotten.
    private var floor: RecordID?
    /// What is known of those within reach, and of undecided ones.
    private var known: [RecordID: LedgerRecord.State] = [:]
    /// To be shown; kept where a look fails halfway.
    private var found: [LedgerRecord] = []
    private var looks = 0
    private var lastUndecided: RecordID?

    package init(_ ledger: any LedgerReading, _ filter: LedgerFilter) {
        self.init(ledger, filter, capacity: Self.capacity)
    }

    init(_ ledger: any LedgerReading, _ filter: LedgerFilter, capacity: Int) {
        self.ledger = ledger
        self.capacity = capacity
        outcome = filter.outcome
        self.filter = filter.with(outcome: nil)
    }

    /// What is decided by now is not shown. To be called once, and first.
    package mutating func begin() async throws(LedgerFault) {
        newest = try await ledger.position(beforeLast: 0, LedgerFilter())
        for outcome in [LedgerRecord.Outcome.unknown, .running] {
            let undecided = filter.with(outcome: outcome)
            var listing = AuditListing(ledger, undecided, limit: .last(capacity / 2))
            while case let page = try await listing.next(), !page.isEmpty { page.forEach { consider($0) } }
        }
        try await look(back: Self.far)
        forget()
        found = []
    }

    /// Somebody else has shown it.
    package mutating func noteShown(_ record: LedgerRecord) {
        // Of those that are out of reach no more than undecided ones can come again.
        guard known[record.id] != nil || start(back: Self.far).map({ record.id > $0 }) ?? true else { return }
        known[record.id] = record.state
    }

    /// What was decided since the last call, or became unknown. What a failed look has found comes with the next one.
    package mutating func look() async throws(LedgerFault) -> [LedgerRecord] {
        looks += 1
        let back = looks.isMultiple(of: Self.farEvery) ? Self.far : Self.near
        let newest = try await ledger.position(beforeLast: 0, LedgerFilter())
        try await look(back: back)
        try await lookAtUndecided(before: start(back: back))
        // Only now: after a look that failed the next one begins where it did.
        if let newest { self.newest = max(self.newest ?? newest, newest) }
        forget()
        defer { found = [] }
        return found
    }

    private mutating func look(back: Duration) async throws(LedgerFault) {
        var position = start(back: back)
        while true {
            let page = try await ledger.records(filter, after: position, limit: AuditListing.pageSize)
            page.forEach { consider($0) }
            guard page.count == AuditListing.pageSize else { return }
            position = page.last?.id
        }
    }

    /// In turn, so that a look takes the same time however many there are.
    private mutating func lookAtUndecided(before start: RecordID?) async throws(LedgerFault) {
        guard let start else { return }
        let undecided = known.filter { !$0.value.isDecided && $0.key <= start }.keys.sorted()
        let next = lastUndecided.flatMap { last in undecided.firstIndex { $0 > last } } ?? 0
        for id in undecided[next...].prefix(Self.undecidedAtOnce) {
            let record = try await ledger.records(LedgerFilter(), after: id.predecessor, limit: 1).first
            if let record, record.id == id {
                consider(record)
            } else {
                known[id] = nil
            }
            lastUndecided = id
        }
    }

    private mutating func consider(_ record: LedgerRecord) {
        let before = known.updateValue(record.state, forKey: record.id)
        guard record.isTellable, before != record.state, outcome == nil || outcome == record.outcome else { return }
        found.append(record)
    }

    /// What is out of reach and decided, and the oldest of what is too much. What is forgotten within reach would be taken for new by
    /// the next look: the reach ends there from now on.
    private mutating func forget() {
        guard let start = start(back: Self.far) else { return }
        known = known.filter { !$0.value.isDecided || $0.key > start }
        guard known.count > capacity else { return }
        let oldest = known.keys.sorted().prefix(known.count - capacity)
        for id in oldest { known[id] = nil }
        floor = [floor, oldest.last].compactMap(\.self).max()
    }

    private func start(back: Duration) -> RecordID? {
        let start = newest.map { RecordID.least(at: $0.time - back) }
        return [start, floor].compactMap(\.self).max()
    }
}

extension LedgerRecord {
    /// Whether something can be said of what came of it, if only that it is unknown.
    package var isTellable: Bool { state.isDecided || state == .unknown }
}

extension LedgerFilter {
    fileprivate func with(outcome: LedgerRecord.Outcome?) -> LedgerFilter {
        var filter = self
        filter.outcome = outcome
        return filter
    }
}

extension RecordID {
    /// When it was made, by the clock of who made it.
    fileprivate var time: Timestamp { Timestamp(secondsSince1970: Double(high >> 16) / 1000) }

    /// The one before it; `nil` for the least of all.
    fileprivate var predecessor: RecordID? {
        if low > 0 { return RecordID(high: high, low: low - 1) }
        return high > 0 ? RecordID(high: high - 1, low: .max) : nil
    }
}
