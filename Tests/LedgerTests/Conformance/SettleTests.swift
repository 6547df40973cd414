import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: what came of a request", .timeLimit(.minutes(5)))
struct SettleTests {
    @Test("a request that was sent is settled, with the store's times", arguments: StoreKind.allCases)
    func settled(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let request = Request(of: store)
            try await store.begin(request.record, acceptedAgo: .milliseconds(1500), work: .seconds(40))
            let sent = try #require(try await store.record(request.record.id))
            #expect(sent.state == .sent && sent.decidedAt == nil)
            let sentAt = try #require(sent.sentAt)
            #expect(isAbout(sentAt - sent.acceptedAt, .milliseconds(1500)))
            #expect(isAbout(try #require(sent.workEnds) - sentAt, .seconds(40)))

            try await store.settle(request.ended(.created), acceptedAgo: .seconds(3), key: .released)
            let created = try #require(try await store.record(request.record.id))
            #expect(created.state == .created)
            #expect((created.acceptedAt, created.sentAt) == (sent.acceptedAt, sentAt))
            #expect(try #require(created.decidedAt) >= sentAt)
        }
    }

    @Test("a request that was never sent is written as a whole", arguments: StoreKind.allCases)
    func neverSent(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            var request = Request(key: "a", of: store)
            request.record.send = nil
            #expect(try await store.isClaimed(request.claim))
            try await store.settle(request.ended(.reused), acceptedAgo: .seconds(2), key: .kept(.seconds(600)))
            let record = try #require(try await store.record(request.record.id))
            #expect(record.handedIn == request.ended(.reused).handedIn)
            #expect(record.sentAt == nil && record.workEnds == nil && record.send == nil)
            #expect(isAbout(try #require(record.decidedAt) - record.acceptedAt, .seconds(2)))
            let next = Request(key: "a", of: store)
            #expect(try await store.claim(next.claim) == .taken(fingerprint: request.claim.fingerprint, record: record))
        }
    }

    @Test("what was decided stays as it is", arguments: StoreKind.allCases)
    func decidedStays(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for state in [LedgerRecord.State.created, .revoked, .reused, .refused] {
                let request = Request(of: store)
                try await store.begin(request)
                let first = request.ended(state, code: "first")
                #expect(try await store.settle(first, acceptedAgo: .zero, key: .released))
                let record = try await store.record(request.record.id)
                for (later, code) in [(LedgerRecord.State.unknown, "second"), (.refused, "third")] {
                    let second = request.ended(later, code: code)
                    #expect(try await !store.settle(second, acceptedAgo: .zero, key: .released))
                }
                #expect(try await store.record(request.record.id) == record)
                #expect(record?.state == state && record?.result.code == "first")
            }
        }
    }

    @Test("what is unknown may become known later", arguments: StoreKind.allCases)
    func unknownLater(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let request = Request(key: "a", of: store)
            #expect(try await store.isClaimed(request.claim))
            try await store.begin(request)
            try await store.settle(request, as: .unknown)
            let unknown = try await store.record(request.record.id)
            #expect(unknown?.state == .unknown && unknown?.sentAt != nil && unknown?.decidedAt == nil)
            let next = Request(key: "a", of: store)
            #expect(
                try await store.claim(next.claim) == .taken(fingerprint: request.claim.fingerprint, record: unknown)
            )
            #expect(try await store.orphans(limit: 10).isEmpty)

            try await store.settle(request, as: .created)
            let created = try await store.record(request.record.id)
            #expect(created?.state == .created && created?.decidedAt != nil)
            #expect(
                try await store.claim(next.claim) == .taken(fingerprint: request.claim.fingerprint, record: created)
            )
        }
    }

    @Test("a key that is released is free, sent or not, and its record stays", arguments: StoreKind.allCases)
    func released(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for isSent in [true, false] {
                let request = Request(key: "\(isSent)", of: store)
                #expect(try await store.isClaimed(request.claim))
                if isSent { try await store.begin(request) }
                try await store.settle(request, as: .refused, key: .released)
                #expect(try await store.record(request.record.id)?.state == .refused)
                #expect(try await store.isClaimed(Request(key: "\(isSent)", of: store).claim))
            }
        }
    }

    @Test("a record of a request without a key leaves keys alone", arguments: StoreKind.allCases)
    func withoutKey(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let (keyed, keyless) = (Request(key: "a", of: store), Request(of: store))
            #expect(try await store.isClaimed(keyed.claim))
            try await store.begin(keyless)
            try await store.settle(keyless, as: .created, key: .released)
            #expect(try await store.record(keyless.record.id)?.keyDigest == nil)
            #expect(try await store.isClaimed(Request(key: "a", of: store).claim) == false)
        }
    }
}
