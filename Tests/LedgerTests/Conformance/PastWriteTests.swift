import Graph
import Ledger
import Testing
import Transport

@Suite("Every store: what was sent to a profile", .timeLimit(.minutes(5)))
struct PastWriteTests {
    @Test(
        "all that was sent within the span, oldest first, and nothing of another profile",
        arguments: StoreKind.allCases
    )
    func within(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let profile = freshProfile()
            let twin = ProfileReference(kind: .androidForWork, id: profile.id)
            let states = [LedgerRecord.State.unknown, .created, .refused, .revoked]
            var sent: [RecordID] = []
            for state in states {
                let request = Request(profile: profile, of: store)
                try await store.run(request, to: state)
                sent.append(request.record.id)
            }
            let running = Request(profile: profile, of: store)
            try await store.begin(running)
            sent.append(running.record.id)
            try await store.settle(Request(profile: profile, of: store), as: .reused, key: .released)
            try await store.run(Request(profile: twin, of: store), to: .created)

            let writes = try await store.writes(on: profile, within: .seconds(600))
            #expect(writes.map(\.record.id) == sent)
            #expect(writes.map(\.record.state) == states + [.sent])
            #expect(writes.map { $0.decidedAgo == nil } == [true, false, false, false, true])
            for write in writes {
                #expect(write.sentAgo >= .zero && write.sentAgo < .seconds(60))
                #expect(try await store.record(write.record.id) == write.record)
                if let decidedAgo = write.decidedAgo { #expect(decidedAgo >= .zero && decidedAgo <= write.sentAgo) }
            }
            #expect(writes.map(\.sentAgo) == writes.map(\.sentAgo).sorted(by: >))
        }
    }

    @Test(
        "outside of the span, only the last creation and the last revocation that are certain",
        arguments: StoreKind.allCases
    )
    func outside(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let profile = freshProfile()
            var certain: [RecordID] = []
            for state in [LedgerRecord.State.created, .revoked, .created, .refused, .revoked, .unknown] {
                let request = Request(profile: profile, of: store)
                try await store.run(request, to: state)
                certain.append(request.record.id)
            }
            let span = Duration.milliseconds(100)
            #expect(
                try await comes {
                    try await store.writes(on: profile, within: span).map(\.record.id) == [certain[2], certain[4]]
                }
            )
            let last = Request(profile: profile, of: store)
            try await store.begin(last)
            // Within a longer span it is there beside them, whatever time has passed.
            let writes = try await store.writes(on: profile, within: .seconds(600))
            #expect(writes.map(\.record.id) == certain + [last.record.id])
            #expect(try await store.writes(on: freshProfile(), within: .seconds(600)).isEmpty)
        }
    }

    @Test("64 at most, the newest ones, the certain ones among them", arguments: StoreKind.allCases)
    func bound(_ kind: StoreKind) async throws {
        try await kind.withStore { place in
            let store = place.store
            let profile = freshProfile()
            var sent: [RecordID] = []
            for index in 0..<70 {
                let request = Request(profile: profile, of: store)
                try await store.run(request, to: index.isMultiple(of: 2) ? .unknown : .refused)
                sent.append(request.record.id)
            }
            let writes = try await store.writes(on: profile, within: .seconds(600))
            #expect(writes.map(\.record.id) == sent.suffix(64))

            let other = freshProfile()
            let creation = Request(profile: other, of: store)
            try await store.run(creation, to: .created)
            for _ in 0..<66 { try await store.run(Request(profile: other, of: store), to: .refused) }
            let others = try await store.writes(on: other, within: .seconds(600))
            #expect(others.count == 64 && others.first?.record.id == creation.record.id)
        }
    }
}
