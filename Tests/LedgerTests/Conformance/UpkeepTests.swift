import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: upkeep", .timeLimit(.minutes(5)))
struct UpkeepTests {
    @Test("records that are older go, no more at once than asked for", arguments: StoreKind.allCases)
    func records(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            var young: [RecordID] = []
            for index in 0..<9 {
                let request = Request(of: store)
                let ago = Duration.seconds(index < 5 ? 1000 : 10)
                try await store.begin(request.record, acceptedAgo: ago, work: .seconds(600))
                try await store.settle(request.ended(.created), acceptedAgo: ago, key: .released)
                if index >= 5 { young.append(request.record.id) }
            }
            #expect(try await store.prune(olderThan: .seconds(100), limit: 2) == 2)
            #expect(try await store.records(LedgerFilter(), after: nil, limit: 100).count == 7)
            #expect(try await store.prune(olderThan: .seconds(100), limit: 100) == 3)
            #expect(try await store.prune(olderThan: .seconds(100), limit: 100) == 0)
            #expect(try await store.records(LedgerFilter(), after: nil, limit: 100).map(\.id) == young)
        }
    }

    @Test(
        "a key whose lifetime is not over stays, and one whose record was deleted is free",
        arguments: StoreKind.allCases
    )
    func keys(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let (young, old, brief) = (
                Request(key: "young", of: store), Request(key: "old", of: store), Request(key: "brief", of: store)
            )
            for (request, ago) in [(young, Duration.zero), (old, .seconds(1000)), (brief, .zero)] {
                #expect(try await store.isClaimed(request.claim))
                try await store.begin(request.record, acceptedAgo: ago, work: .seconds(600))
                let lifetime = Duration.milliseconds(request.claim == brief.claim ? 10 : 600_000)
                try await store.settle(request.ended(.created), acceptedAgo: ago, key: .kept(lifetime))
            }
            let claimed = Request(key: "claimed", of: store)
            #expect(try await store.isClaimed(claimed.claim))
            // The old one, and the brief one if its time is over by now.
            #expect(try await (1...2).contains(store.prune(olderThan: .seconds(100), limit: 100)))
            #expect(try await store.isClaimed(Request(key: "young", of: store).claim) == false)
            #expect(try await store.isClaimed(Request(key: "claimed", of: store).claim) == false)
            #expect(try await store.isClaimed(Request(key: "old", of: store).claim))
            #expect(try await comes { try await store.isClaimed(Request(key: "brief", of: store).claim) })
            #expect(try await store.record(brief.record.id) != nil)
        }
    }

    @Test("keys whose lifetime is over are told of, too, so that none is left over", arguments: StoreKind.allCases)
    func keysAlone(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for index in 0..<3 {
                let request = Request(key: "\(index)", of: store)
                #expect(try await store.isClaimed(request.claim))
                try await store.begin(request)
                try await store.settle(request, as: .created, key: .kept(.milliseconds(1)))
            }
            var counts: [Int] = []
            #expect(
                try await comes {
                    counts.append(try await store.prune(olderThan: .seconds(600), limit: 1))
                    return counts.reduce(0, +) == 3
                }
            )
            #expect(counts.allSatisfy { $0 <= 1 })
            #expect(try await store.prune(olderThan: .seconds(600), limit: 1) == 0)
            #expect(try await store.records(LedgerFilter(), after: nil, limit: 10).count == 3)
        }
    }

    @Test("a probe of a store that works says nothing", arguments: StoreKind.allCases)
    func probe(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            for _ in 0..<3 { try await place.store.probe() }
            #expect(try await place.store.records(LedgerFilter(), after: nil, limit: 10).isEmpty)
        }
    }

    @Test("500 that begin at the same time are all on record, and settled", arguments: StoreKind.allCases)
    func burst(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let requests = (0..<500).map { Request(key: "key \($0)", of: store) }
            try await withThrowingTaskGroup { group in
                for request in requests {
                    group.addTask {
                        #expect(try await store.isClaimed(request.claim))
                        try await store.begin(request)
                        #expect(try await store.record(request.record.id)?.state == .sent)
                        try await store.settle(request, as: .created)
                    }
                }
                try await group.waitForAll()
            }
            let another = try await place.another()
            let records = try await another.records(LedgerFilter(), after: nil, limit: 1000)
            #expect(records.map(\.id) == requests.map(\.record.id))
            #expect(records.allSatisfy { $0.state == .created })
        }
    }

    @Test("a store that was closed fails, and does not hang", arguments: StoreKind.allCases)
    func closed(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            await store.close()
            await #expect(throws: LedgerFault.self) { try await store.begin(Request(of: store)) }
            await #expect(throws: LedgerFault.self) { try await store.record(.fresh()) }
            await store.close()
        }
    }
}
