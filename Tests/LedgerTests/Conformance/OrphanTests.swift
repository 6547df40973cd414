import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: orphans", .timeLimit(.minutes(5)))
struct OrphanTests {
    @Test(
        "what is sent is an orphan once its work time is over, and no longer when it is settled",
        arguments: StoreKind.allCases
    )
    func workOver(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let (short, long) = (Request(of: store), Request(of: store))
            try await store.begin(long)
            #expect(try await store.orphans(limit: 10).isEmpty)
            try await store.begin(short, work: .milliseconds(100))
            #expect(try await comes { try await store.orphans(limit: 10).map(\.id) == [short.record.id] })
            #expect(try await store.orphans(limit: 10).first == store.record(short.record.id))
            try await store.settle(short, as: .unknown)
            #expect(try await store.orphans(limit: 10).isEmpty)
        }
    }

    @Test("the oldest come first, and no more than asked for", arguments: StoreKind.allCases)
    func order(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            var ids: [RecordID] = []
            for _ in 0..<5 {
                let request = Request(of: store)
                try await store.begin(request, work: .milliseconds(10))
                ids.append(request.record.id)
            }
            #expect(try await comes { try await store.orphans(limit: 10).map(\.id) == ids })
            #expect(try await store.orphans(limit: 2).map(\.id) == Array(ids.prefix(2)))
        }
    }

    @Test(
        "after the process ended they are orphans: at once where none other can be at work",
        arguments: StoreKind.allCases
    )
    func nextProcess(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let request = Request(of: place.store)
            try await place.store.begin(request)
            try await place.store.run(Request(of: place.store), to: .created)
            let store = try await place.another()
            let expected = kind.isShared ? [] : [request.record.id]
            #expect(try await store.orphans(limit: 10).map(\.id) == expected)
            // What it sends itself is none.
            try await store.begin(Request(of: store))
            #expect(try await store.orphans(limit: 10).map(\.id) == expected)
        }
    }
}
