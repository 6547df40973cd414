import Ledger

/// What `audit` writes.
struct AuditReport {
    private static let interval = Duration.seconds(1)

    private let ledger: any LedgerReading
    private let filter: LedgerFilter
    private let limit: AuditLimit
    private let json: Bool

    init(_ ledger: any LedgerReading, _ filter: LedgerFilter, limit: AuditLimit, json: Bool) {
        self.ledger = ledger
        self.filter = filter
        self.limit = limit
        self.json = json
    }

    /// What there is.
    func list() async throws {
        var page = Page(json: json)
        var listing = AuditListing(ledger, filter, limit: limit)
        var isEmpty = true
        while case let records = try await listing.next(), !records.isEmpty {
            isEmpty = false
            try await page.write(records)
            // It is to be seen also where the next page cannot be read.
            try await page.end()
        }
        guard !json else { return }
        if listing.isCut, case .last(let count) = limit {
            let shown = isEmpty ? "None is shown because of --limit 0" : "These are the last \(count)"
            complain("\(shown); --limit all shows all that match.")
        } else if isEmpty {
            complain("The ledger has no such record.")
        }
    }

    /// What there is, but for what is not known yet, and then what is decided, until this is cancelled or nobody reads any more.
    func follow() async throws {
        var page = Page(json: json)
        var follower = AuditFollower(ledger, filter)
        try await follower.begin()
        var listing = AuditListing(ledger, filter, limit: limit)
        while case let records = try await listing.next(), !records.isEmpty {
            for record in records { follower.noteShown(record) }
            try await page.write(records.filter(\.isTellable))
        }
        var hasFailed = false
        while true {
            try await page.end()
            try await Task.sleep(for: Self.interval)
            try StandardOutputStream.check()
            do {
                try await page.write(follower.look())
                hasFailed = false
            } catch let fault as LedgerFault where fault.kind == .unavailable {
                if !hasFailed { complain("The ledger cannot be read at present, and is tried again: \(fault)") }
                hasFailed = true
            }
        }
    }

    /// Records as lines on standard output.
    private struct Page {
        private let json: Bool
        private var table = AuditTable()
        private var output = StandardOutputStream()

        init(json: Bool) { self.json = json }

        mutating func write(_ records: [LedgerRecord]) async throws {
            try await output.write(json ? records.map(AuditLine.text) : table.lines(records))
        }

        mutating func end() async throws { try await output.flush() }
    }
}
