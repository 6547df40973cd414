import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: claims on keys", .timeLimit(.minutes(5)))
struct ClaimTests {
    @Test(
        "the first gets the key; another is told of its fingerprint, and of its record once there is one",
        arguments: StoreKind.allCases
    )
    func claimed(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let first = Request(key: "a", asking: "one thing", of: store)
            let second = Request(key: "a", asking: "another", of: store)
            #expect(try await store.claim(first.claim) == .claimed)
            #expect(try await store.claim(second.claim) == .taken(fingerprint: first.claim.fingerprint, record: nil))

            try await store.begin(first)
            let sent = try await store.record(first.record.id)
            #expect(sent?.state == .sent)
            #expect(try await store.claim(second.claim) == .taken(fingerprint: first.claim.fingerprint, record: sent))

            try await store.settle(first, as: .created)
            let created = try await store.record(first.record.id)
            #expect(created?.state == .created)
            #expect(
                try await store.claim(second.claim) == .taken(fingerprint: first.claim.fingerprint, record: created)
            )
        }
    }

    @Test("callers have a name space each, whatever their names", arguments: StoreKind.allCases)
    func nameSpaces(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for caller in ["portal", "Portal", "portal ", "pörtal", "門戶", "", "a'b\"c\\d"] {
                let request = Request(by: caller, key: "the same", of: store)
                #expect(try await store.isClaimed(request.claim), "\(caller)")
                try await store.run(request, to: .created)
                #expect(try await store.isClaimed(request.claim) == false, "\(caller)")
                #expect(try await store.record(request.record.id)?.caller == caller)
            }
        }
    }

    @Test("of 50 that ask at the same time, one gets it", arguments: StoreKind.allCases)
    func crowd(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for round in 0..<5 {
                let winners = try await winners(of: "key \(round)", on: [store])
                #expect(winners == 1)
            }
        }
    }

    @Test("of 50 that ask at the same time in two processes, one gets it", arguments: StoreKind.shared)
    func sharedCrowd(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let stores = [place.store, try await place.another()]
            for round in 0..<5 {
                let winners = try await winners(of: "key \(round)", on: stores)
                #expect(winners == 1)
            }
        }
    }

    private func winners(of key: String, on stores: [any LedgerStore]) async throws -> Int {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<50 {
                let store = stores[index % stores.count]
                let claim = Request(key: key, of: store).claim
                group.addTask { try await store.isClaimed(claim) }
            }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
    }

    @Test("a key is never free while its request goes from claim to decision", arguments: StoreKind.allCases)
    func never(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for round in 0..<20 {
                let request = Request(key: "key \(round)", of: store)
                #expect(try await store.isClaimed(request.claim))
                try await withThrowingTaskGroup { group in
                    group.addTask { try await store.run(request, to: .created) }
                    for _ in 0..<4 {
                        group.addTask {
                            for _ in 0..<10 {
                                let isFree = try await store.isClaimed(Request(key: "key \(round)", of: store).claim)
                                #expect(!isFree)
                            }
                        }
                    }
                    try await group.waitForAll()
                }
            }
        }
    }

    @Test(
        "a claim whose work time is over is free, and its request cannot begin once another has it",
        arguments: StoreKind.allCases
    )
    func workOver(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let late = Request(key: "a", work: .milliseconds(100), of: store)
            let next = Request(key: "a", of: store)
            #expect(try await store.isClaimed(late.claim))
            #expect(try await comes { try await store.isClaimed(next.claim) })
            #expect(await fault { try await store.begin(late) }?.kind == .conflict)
            #expect(try await store.record(late.record.id) == nil)
            // Nor does it end what is another's.
            await store.release(late.claim)
            try await store.settle(late, as: .refused, key: .released)
            let third = Request(key: "a", of: store)
            #expect(try await store.isClaimed(third.claim) == false)
            try await store.begin(next)
        }
    }

    @Test("nor once the other was sent", arguments: StoreKind.allCases)
    func workOverAndSent(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let late = Request(key: "a", work: .milliseconds(100), of: store)
            let next = Request(key: "a", of: store)
            #expect(try await store.isClaimed(late.claim))
            #expect(try await comes { try await store.isClaimed(next.claim) })
            try await store.run(next, to: .created)
            #expect(await fault { try await store.begin(late) }?.kind == .conflict)
            #expect(try await store.record(late.record.id) == nil)
            let record = try await store.record(next.record.id)
            #expect(try await store.claim(late.claim) == .taken(fingerprint: next.claim.fingerprint, record: record))
        }
    }

    @Test(
        "a request that is settled cannot begin, nor does it take its key again that was given back",
        arguments: StoreKind.allCases
    )
    func settled(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for state in [LedgerRecord.State.refused, .unknown, .created] {
                for key in ["\(state)", nil] {
                    let request = Request(key: key, of: store)
                    if key != nil { #expect(try await store.isClaimed(request.claim)) }
                    try await store.settle(request, as: state, key: .released)
                    let record = try await store.record(request.record.id)
                    #expect(record?.state == state)
                    #expect(await fault { try await store.begin(request) }?.kind == .conflict)
                    #expect(try await store.record(request.record.id) == record)
                    guard let key else { continue }
                    let next = Request(key: key, of: store)
                    #expect(try await store.isClaimed(next.claim))
                    #expect(await fault { try await store.begin(request) }?.kind == .conflict)
                    try await store.begin(next)
                }
            }
        }
    }

    @Test(
        "a key that is given back is one other's, of many that ask for it all the time",
        arguments: StoreKind.allCases
    )
    func givenBack(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for round in 0..<10 {
                let request = Request(key: "\(round)", of: store)
                #expect(try await store.isClaimed(request.claim))
                let winners = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for _ in 0..<5 {
                        group.addTask {
                            let next = Request(key: "\(round)", of: store)
                            for _ in 0..<10 where try await store.isClaimed(next.claim) {
                                try await store.begin(next)
                                return true
                            }
                            return false
                        }
                    }
                    group.addTask {
                        try await store.begin(request)
                        try await store.settle(request, as: .refused, key: .released)
                        return false
                    }
                    return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                let isFree = try await store.isClaimed(Request(key: "\(round)", of: store).claim)
                #expect(winners + (isFree ? 1 : 0) == 1)
            }
        }
    }

    @Test("a key whose work time is over stays taken once its request was sent", arguments: StoreKind.allCases)
    func sentStays(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let request = Request(key: "a", work: .milliseconds(50), of: store)
            #expect(try await store.isClaimed(request.claim))
            try await store.begin(request, work: .milliseconds(50))
            #expect(try await comes { try await store.orphans(limit: 10).contains { $0.id == request.record.id } })
            let next = Request(key: "a", of: store)
            #expect(try await store.isClaimed(next.claim) == false)
        }
    }

    @Test(
        "a key whose lifetime is over is not free while its request is not settled, and stays in the store",
        arguments: StoreKind.allCases
    )
    func sentOutlives(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let request = Request(key: "a", lifetime: .milliseconds(1), of: store)
            #expect(try await store.isClaimed(request.claim))
            try await store.begin(request, work: .milliseconds(50))
            // By then the lifetime is over, too.
            #expect(try await comes { try await store.orphans(limit: 10).contains { $0.id == request.record.id } })
            let next = Request(key: "a", asking: "another", of: store)
            let record = try await store.record(request.record.id)
            let taken = KeyClaim.Answer.taken(fingerprint: request.claim.fingerprint, record: record)
            #expect(try await store.claim(next.claim) == taken)
            #expect(try await store.prune(olderThan: .seconds(600), limit: 100) == 0)
            #expect(try await store.claim(next.claim) == taken)
            #expect(await fault { try await store.begin(next) }?.kind == .conflict)
            try await store.settle(next, as: .refused)
            #expect(try await store.claim(Request(key: "a", of: store).claim) == taken)
            // What came of it is remembered for a lifetime from now.
            try await store.settle(request, as: .unknown)
            #expect(try await store.isClaimed(Request(key: "a", of: store).claim) == false)
            try await store.settle(request, as: .created, key: .kept(.milliseconds(50)))
            #expect(try await comes { try await store.isClaimed(Request(key: "a", of: store).claim) })
        }
    }

    @Test("a key is not free while it is claimed, however short its lifetime", arguments: StoreKind.allCases)
    func claimOutlives(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let request = Request(key: "a", lifetime: .milliseconds(1), of: store)
            #expect(try await store.isClaimed(request.claim))
            // One that was claimed later is over first.
            #expect(try await store.isClaimed(Request(key: "b", work: .milliseconds(20), of: store).claim))
            #expect(try await comes { try await store.isClaimed(Request(key: "b", of: store).claim) })
            #expect(try await store.isClaimed(Request(key: "a", of: store).claim) == false)
            _ = try await store.prune(olderThan: .seconds(600), limit: 100)
            #expect(try await store.isClaimed(Request(key: "a", of: store).claim) == false)
            try await store.begin(request)
        }
    }

    @Test("a key whose lifetime is over counts as free, and is the next request's", arguments: StoreKind.allCases)
    func lifetimeOver(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let first = Request(key: "a", asking: "one thing", of: store)
            #expect(try await store.isClaimed(first.claim))
            try await store.begin(first)
            try await store.settle(first, as: .created, key: .kept(.milliseconds(150)))
            let next = Request(key: "a", asking: "another", of: store)
            #expect(try await comes { try await store.isClaimed(next.claim) })
            try await store.run(next, to: .created)
            let last = Request(key: "a", of: store)
            let record = try await store.record(next.record.id)
            #expect(
                try await store.claim(last.claim) == .taken(fingerprint: next.claim.fingerprint, record: record)
            )
            #expect(try await store.record(first.record.id) != nil)
        }
    }

    @Test("a claim that is given back is free; one whose request was sent is not", arguments: StoreKind.allCases)
    func release(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let first = Request(key: "a", of: store)
            let second = Request(key: "a", of: store)
            #expect(try await store.isClaimed(first.claim))
            // Another's claim is not its to give back.
            await store.release(second.claim)
            #expect(try await store.isClaimed(second.claim) == false)
            await store.release(first.claim)
            #expect(try await store.isClaimed(second.claim))
            try await store.begin(second)
            await store.release(second.claim)
            #expect(try await store.isClaimed(first.claim) == false)
        }
    }

    @Test("decided keys and sent ones are known to the next process", arguments: StoreKind.allCases)
    func nextProcess(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let (sent, decided) = (Request(key: "a", of: place.store), Request(key: "b", of: place.store))
            for request in [sent, decided] {
                #expect(try await place.store.isClaimed(request.claim))
                try await place.store.begin(request)
            }
            try await place.store.settle(decided, as: .refused)
            let store = try await place.another()
            for (request, state) in [(sent, LedgerRecord.State.sent), (decided, .refused)] {
                var claim = request.claim
                claim.record = .fresh()
                guard case .taken(let fingerprint, let record?) = try await store.claim(claim) else {
                    Issue.record("The key is free")
                    continue
                }
                #expect(fingerprint == request.claim.fingerprint)
                #expect(record.id == request.record.id && record.state == state)
            }
        }
    }

    @Test("a claim is known to another process that uses the store", arguments: StoreKind.shared)
    func otherProcess(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let other = try await place.another()
            let request = Request(key: "a", of: place.store)
            #expect(try await place.store.isClaimed(request.claim))
            let second = Request(key: "a", of: other)
            #expect(try await other.claim(second.claim) == .taken(fingerprint: request.claim.fingerprint, record: nil))
            await place.store.release(request.claim)
            #expect(try await other.isClaimed(second.claim))
        }
    }
}
