import Graph
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Ledger

/// A shared store's turns and places, as a test says.
final class FakeSharing: LedgerSharing {
    struct Place: Equatable {
        var bucket: String
        var count: Int
        var interval: Duration
        var burst: Int
        var patience: Duration
    }

    private struct State {
        var turns: [SharedTurn] = []
        var places: [SharedPlace] = []
        var asked: [Place] = []
        var took = 0
        var ended = 0
        var closed: [Duration] = []
        var fails = false
    }

    private let state: Mutex<State>

    init(turns: [SharedTurn] = [], places: [SharedPlace] = [], fails: Bool = false) {
        state = Mutex(State(turns: turns, places: places, fails: fails))
    }

    var asked: [Place] { state.withLock(\.asked) }
    var took: Int { state.withLock(\.took) }
    var ended: Int { state.withLock(\.ended) }
    var closed: [Duration] { state.withLock(\.closed) }

    func takeTurn(of profile: ProfileReference, work: Duration) async throws(LedgerFault) -> SharedTurn {
        if state.withLock(\.fails) { throw LedgerFault(.unavailable, "away") }
        return state.withLock { state in
            state.took += 1
            return state.turns.isEmpty ? .taken(wasOthers: false) : state.turns.removeFirst()
        }
    }

    func endTurn(of profile: ProfileReference) async { state.withLock { $0.ended += 1 } }

    func takePlace(
        in bucket: String,
        count: Int,
        interval: Duration,
        burst: Int,
        patience: Duration
    ) async throws(LedgerFault) -> SharedPlace {
        if state.withLock(\.fails) { throw LedgerFault(.unavailable, "away") }
        return state.withLock { state in
            state.asked.append(
                .init(bucket: bucket, count: count, interval: interval, burst: burst, patience: patience)
            )
            guard state.places.isEmpty else { return state.places.removeFirst() }
            return SharedPlace(isTaken: true, wait: .zero, remaining: 1, fullAfter: .zero)
        }
    }

    func close(_ bucket: String, for duration: Duration) async throws(LedgerFault) {
        state.withLock { $0.closed.append(duration) }
    }
}

@Suite("What gateways agree on through the ledger", .timeLimit(.minutes(5)))
struct LedgerPeersTests {
    private static func peers(
        _ place: Workplace,
        limit: WriteLimit? = .default,
        clock: ManualClock
    ) -> LedgerPeers {
        LedgerPeers(store: place.store, limit: limit, tenant: "t/c", clock: clock, jitter: { 1 })
    }

    @Test("a process that was started anew hears once of each profile what was done to it before")
    func past() async throws {
        let profile = freshProfile()
        let first = try await Workplace()
        let entry = try await first.new(Workplace.request(profile: profile))
        try await entry.willSend(Workplace.facts)
        await entry.finish(.created)
        let revocation = try await first.new(Workplace.request(profile: profile, operation: .revoke))
        try await revocation.willSend(Workplace.facts)
        await revocation.finish(LedgerOutcome(revocation: []))
        try await first.new(Workplace.request(profile: profile)).willSend(Workplace.facts)
        await first.die()

        let clock = ManualClock()
        let place = try await Workplace(in: first.folder)
        let peers = Self.peers(place, clock: clock)
        let end = clock.now.advanced(by: .seconds(25))
        let writes = try await peers.beginTurn(of: profile, before: end, until: end)
        #expect(writes.map(\.isCertain) == [true, true, false])
        #expect(
            writes.map(\.kind) == [
                .creation(validity: .seconds(3600)), .revocation, .creation(validity: .seconds(3600)),
            ]
        )
        #expect(writes == writes.sorted { $0.sent < $1.sent })
        #expect(
            writes.allSatisfy { $0.sent <= clock.now && clock.now - $0.sent < .seconds(60) && $0.answered >= $0.sent }
        )
        #expect(try await peers.beginTurn(of: profile, before: end, until: end).isEmpty)
        // What this process does itself it need not be told.
        let own = try await place.new(Workplace.request(profile: freshProfile()))
        try await own.willSend(Workplace.facts)
        #expect(try await peers.beginTurn(of: own.record.profile, before: end, until: end).isEmpty)
    }

    @Test("another's turn is waited for, and what it did is told")
    func turns() async throws {
        let clock = ManualClock(automatic: true)
        let sharing = FakeSharing(turns: [
            .taken(wasOthers: false), .busy(.seconds(9)), .busy(.seconds(9)), .taken(wasOthers: true),
        ])
        let place = try await Workplace(sharing: sharing)
        let peers = Self.peers(place, clock: clock)
        let profile = freshProfile()
        let end = clock.now.advanced(by: .seconds(25))
        _ = try await peers.beginTurn(of: profile, before: end, until: end)
        await peers.endTurn(of: profile)
        _ = try await peers.beginTurn(of: profile, before: end, until: end)
        #expect(sharing.took == 4 && sharing.ended == 1)
        #expect(clock.sleeps == [.milliseconds(15), .milliseconds(30)])
    }

    @Test("a turn that does not come in time is refused, and a store that is away as well")
    func refused() async throws {
        let clock = ManualClock(automatic: true)
        let busy = FakeSharing(turns: Array(repeating: .busy(.seconds(60)), count: 10_000))
        let peers = Self.peers(try await Workplace(sharing: busy), clock: clock)
        let end = clock.now.advanced(by: .seconds(2))
        await #expect(throws: PeerRefusal.busy) {
            try await peers.beginTurn(of: freshProfile(), before: end, until: end)
        }
        #expect(clock.now <= end)
        let away = Self.peers(try await Workplace(sharing: FakeSharing(fails: true)), clock: clock)
        await #expect(throws: PeerRefusal.unreachable) {
            try await away.beginTurn(of: freshProfile(), before: end, until: end)
        }
        await #expect(throws: PeerRefusal.unreachable) { try await away.permit(before: end) }
    }

    @Test("all gateways together keep to Graph's limit: an eighth of it at once, the rest steadily")
    func permits() async throws {
        let clock = ManualClock(automatic: true)
        let sharing = FakeSharing(places: [
            .init(isTaken: true, wait: .zero, remaining: 9, fullAfter: .zero),
            .init(isTaken: true, wait: .seconds(2), remaining: 0, fullAfter: .zero),
            .init(isTaken: false, wait: .seconds(7), remaining: 0, fullAfter: .zero),
        ])
        let place = try await Workplace(sharing: sharing)
        let peers = Self.peers(place, clock: clock)
        #expect(peers.sharesLimit)
        let begun = clock.now
        let end = begun.advanced(by: .seconds(5))
        try await peers.permit(before: end)
        #expect(clock.now == begun)
        try await peers.permit(before: end)
        #expect(clock.now - begun == .seconds(2))
        await #expect(throws: PeerRefusal.throttled(.seconds(7))) { try await peers.permit(before: end) }
        #expect(
            sharing.asked.first
                == .init(
                    bucket: "graph-writes:t/c",
                    count: 70,
                    interval: .seconds(20),
                    burst: 10,
                    patience: .seconds(5)
                )
        )
        await peers.close(for: .seconds(3))
        #expect(sharing.closed == [.seconds(3)])
    }

    @Test("without a limit nothing is asked, and one gateway alone paces itself")
    func unlimited() async throws {
        let clock = ManualClock()
        let sharing = FakeSharing()
        let unlimited = Self.peers(try await Workplace(sharing: sharing), limit: nil, clock: clock)
        try await unlimited.permit(before: clock.now)
        #expect(sharing.asked.isEmpty && !unlimited.sharesLimit)
        let alone = Self.peers(try await Workplace(), clock: clock)
        try await alone.permit(before: clock.now)
        #expect(!alone.sharesLimit)
    }
}
