import Foundation
import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: what is kept of a request", .timeLimit(.minutes(5)))
struct RoundTripTests {
    private static let befores: [TokenBefore] = [
        .unknown,
        .empty(ended: nil),
        .empty(ended: moment(3)),
        .token(createdAt: nil, expiresFrom: nil, expiresTo: nil),
        .token(createdAt: moment(123_456), expiresFrom: nil, expiresTo: nil),
        .token(createdAt: nil, expiresFrom: moment(999_999), expiresTo: moment(1_000_001)),
        .token(createdAt: moment(-1), expiresFrom: moment(7), expiresTo: moment(7)),
    ]

    @Test("every field comes back as it was", arguments: StoreKind.allCases)
    func whole(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for (index, before) in Self.befores.enumerated() {
                var request = Request(by: "Ünï-門戶-🗝", key: "key \(index)", of: store)
                request.record.keyID = "schlüssel"
                request.record.profile = freshProfile(.androidForWork)
                request.record.send = SendFacts(
                    earliest: moment(index),
                    latest: moment(654_321),
                    isGraphsTime: index.isMultiple(of: 2),
                    before: before
                )
                try await store.begin(request)
                #expect(
                    try await store.record(request.record.id)?.handedIn == request.ended(.sent).handedIn,
                    "\(before)"
                )

                var ended = request.ended(.created, code: "gateway-timeout")
                ended.result = Self.fullResult
                try await store.settle(ended, acceptedAgo: .zero, key: .released)
                #expect(try await store.record(ended.id)?.handedIn == ended.handedIn)
            }
        }
    }

    private static var fullResult: LedgerRecord.Result {
        var result = LedgerRecord.Result()
        result.code = "upstream-error"
        result.graphRequestIDs = ["first", "second", "dritté"]
        result.graphRequestID = "second"
        result.graphActivityID = "activity"
        result.graphCode = "ServiceUnavailable"
        result.tokenCreatedAt = moment(1_234_567)
        result.tokenExpiresAt = moment(3_601_234_567)
        result.evidence = CreatedToken.Evidence.readBack.rawValue
        return result
    }

    @Test("what is missing stays missing", arguments: StoreKind.allCases)
    func bare(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            var request = Request(operation: .revoke, of: store)
            request.record.keyID = nil
            request.record.send = nil
            for state in [LedgerRecord.State.revoked, .refused] {
                request.record.id = .fresh()
                try await store.settle(request, as: state, key: .released)
                #expect(
                    try await store.record(request.record.id)?.handedIn == request.ended(state).handedIn
                )
            }
            #expect(try await store.record(.fresh()) == nil)
        }
    }

    @Test("both kinds of profile, both operations and all states are kept", arguments: StoreKind.allCases)
    func words(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            for profileKind in ProfileKind.allCases {
                for operation in LedgerRecord.Operation.allCases {
                    for state in LedgerRecord.State.allCases where state != .accepted && state != .sent {
                        let request = Request(operation: operation, profile: freshProfile(profileKind), of: store)
                        try await store.run(request, to: state)
                        #expect(
                            try await store.record(request.record.id)?.handedIn == request.ended(state).handedIn
                        )
                    }
                }
            }
        }
    }

    @Test("another process reads the same", arguments: StoreKind.allCases)
    func another(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            var request = Request(key: "a", of: place.store)
            try await place.store.begin(request)
            request.record.result = Self.fullResult
            try await place.store.settle(request, as: .created)
            let record = try await place.store.record(request.record.id)
            let store = try await place.another()
            #expect(store.instance != request.record.instance)
            #expect(record != nil)
            #expect(try await store.record(request.record.id) == record)
        }
    }

    @Test("of an Idempotency-Key nothing but its digest is kept", arguments: StoreKind.allCases)
    func canary(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let key = "canary-5a1e77d0-never-to-be-seen"
            let request = Request(key: key, of: store)
            #expect(try await store.isClaimed(request.claim))
            try await store.run(request, to: .created)
            guard let bytes = try place.bytes() else { return }
            #expect(bytes.range(of: Data(key.utf8)) == nil)
            #expect(bytes.range(of: Data(Digest(of: key).bytes)) != nil)
        }
    }
}
