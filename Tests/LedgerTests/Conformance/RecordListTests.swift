import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: lists of records", .timeLimit(.minutes(5)))
struct RecordListTests {
    @Test("each filter finds what it says, alone and with others", arguments: StoreKind.allCases)
    func filters(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let all = try await populate(store)
            #expect(Set(all.map(\.outcome)) == Set(LedgerRecord.Outcome.allCases))
            var filters = ["portal", "pörtal", "nobody"].map { caller in LedgerFilter.with { $0.caller = caller } }
            filters += all.map { record in .with { $0.profile = record.profile.id } }
            filters += ProfileKind.allCases.map { kind in .with { $0.kind = kind } }
            filters += Set(all.map(\.outcome)).map { outcome in .with { $0.outcome = outcome } }
            filters += all.map { record in .with { $0.since = record.acceptedAt } }
            filters += [.with { ($0.caller, $0.kind, $0.outcome) = ("portal", .deviceOwner, .notCreated) }]
            filters += [.with { ($0.since, $0.outcome) = (.now - .seconds(1000), .running) }, LedgerFilter()]
            for filter in filters {
                let expected = all.filter { filter.holds(for: $0) }.map(\.id)
                #expect(try await store.records(filter, after: nil, limit: 100).map(\.id) == expected, "\(filter)")
            }
        }
    }

    @Test("pages follow each other in the order of the ids, without a gap", arguments: StoreKind.allCases)
    func pages(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let all = try await populate(store)
            #expect(all == all.sorted { $0.id < $1.id })
            for size in [1, 3, all.count, all.count + 1] {
                var read: [LedgerRecord] = []
                while true {
                    let page = try await store.records(LedgerFilter(), after: read.last?.id, limit: size)
                    #expect(page.count <= size)
                    if page.isEmpty { break }
                    read += page
                }
                #expect(read == all)
            }
            let portal = LedgerFilter.with { $0.caller = "portal" }
            let expected = all.filter { $0.caller == "portal" }
            let first = try await store.records(portal, after: nil, limit: 2)
            #expect(first == Array(expected.prefix(2)))
            #expect(
                try await store.records(portal, after: first.last?.id, limit: 100) == Array(expected.dropFirst(2))
            )
        }
    }

    @Test("the last ones begin after a position", arguments: StoreKind.allCases)
    func position(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            #expect(try await store.position(beforeLast: 0, LedgerFilter()) == nil)
            let all = try await populate(store)
            for filter in [LedgerFilter(), .with { $0.caller = "portal" }, .with { $0.outcome = .created }] {
                let ids = all.filter { filter.holds(for: $0) }.map(\.id)
                for count in 0...ids.count {
                    let position = try await store.position(beforeLast: count, filter)
                    #expect(position == (count < ids.count ? ids[ids.count - 1 - count] : nil))
                    let last = try await store.records(filter, after: position, limit: 100)
                    #expect(last.map(\.id) == Array(ids.suffix(count)))
                }
            }
        }
    }

    /// Records of every outcome, of two callers and both kinds, accepted at different times; in the order of their ids.
    private func populate(_ store: any LedgerStore) async throws -> [LedgerRecord] {
        var ids: [RecordID] = []
        let states = [LedgerRecord.State.sent, .created, .revoked, .reused, .refused, .refused, .unknown]
        for (index, state) in (states + states).enumerated() {
            let request = Request(
                by: index.isMultiple(of: 3) ? "pörtal" : "portal",
                operation: index % 7 == 5 ? .revoke : .create,
                profile: freshProfile(index < 7 ? .deviceOwner : .androidForWork),
                of: store
            )
            // The ids do not follow the times at which they were accepted.
            let ago = Duration.seconds(index.isMultiple(of: 2) ? index * 100 : 5000)
            if state != .reused { try await store.begin(request.record, acceptedAgo: ago, work: .seconds(600)) }
            if state != .sent { try await store.settle(request.ended(state), acceptedAgo: ago, key: .released) }
            ids.append(request.record.id)
        }
        var records: [LedgerRecord] = []
        for id in ids { records.append(try #require(try await store.record(id))) }
        return records
    }
}

extension LedgerFilter {
    fileprivate static func with(_ change: (inout LedgerFilter) -> Void) -> LedgerFilter {
        var filter = LedgerFilter()
        change(&filter)
        return filter
    }

    fileprivate func holds(for record: LedgerRecord) -> Bool {
        (caller == nil || caller == record.caller) && (profile == nil || profile == record.profile.id)
            && (kind == nil || kind == record.profile.kind) && (outcome == nil || outcome == record.outcome)
            && since.map { record.acceptedAt >= $0 } ?? true
    }
}
