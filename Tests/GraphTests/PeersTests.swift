import HTTPTypes
import Synchronization
import TestSupport
import Testing
import Transport

@testable import Graph

/// Other gateways, as a test wants them.
final class FakePeers: GatewayPeers {
    enum Step: Equatable {
        case turn
        case end
        case permit
        case close(Duration)
    }

    let sharesLimit: Bool
    private let clock: ManualClock
    /// What was to be seen while one waited for a turn or a permit.
    private let looks = Mutex<(look: (@Sendable () -> GraphBacklog)?, seen: [GraphBacklog])>((nil, []))
    private let log = Mutex<[Step]>([])
    private let script: Mutex<(turns: [Result<[PeerWrite], PeerRefusal>], permits: [PeerRefusal?])>

    init(
        clock: ManualClock,
        turns: [Result<[PeerWrite], PeerRefusal>] = [],
        permits: [PeerRefusal?] = [],
        sharesLimit: Bool = true
    ) {
        self.clock = clock
        self.sharesLimit = sharesLimit
        script = Mutex((turns, permits))
    }

    var steps: [Step] { log.withLock { $0 } }
    var seen: [GraphBacklog] { looks.withLock(\.seen) }
    func lookOn(_ look: @escaping @Sendable () -> GraphBacklog) { looks.withLock { $0.look = look } }
    private func look() { looks.withLock { if let look = $0.look { $0.seen.append(look()) } } }

    func next(_ turn: Result<[PeerWrite], PeerRefusal>) { script.withLock { $0.turns.append(turn) } }

    func beginTurn(
        of profile: ProfileReference,
        before deadline: ContinuousClock.Instant,
        until end: ContinuousClock.Instant
    ) async throws(PeerRefusal) -> [PeerWrite] {
        log.withLock { $0.append(.turn) }
        look()
        return try script.withLock { $0.turns.isEmpty ? .success([]) : $0.turns.removeFirst() }.get()
    }

    func endTurn(of profile: ProfileReference) async { log.withLock { $0.append(.end) } }

    func permit(before deadline: ContinuousClock.Instant) async throws(PeerRefusal) {
        log.withLock { $0.append(.permit) }
        look()
        if let refusal = script.withLock({ $0.permits.isEmpty ? nil : $0.permits.removeFirst() }) { throw refusal }
    }

    func close(for duration: Duration) async { log.withLock { $0.append(.close(duration)) } }
}

@Suite("Gateways of one tenant", .timeLimit(.minutes(5)))
struct PeersTests {
    private static let plain = TokenOrder(validityInSeconds: 3600)

    @Test("a write has the turn among peers and their permit, and gives the turn back, whatever comes of it")
    func turn() async throws {
        let clock = ManualClock(automatic: true)
        let peers = FakePeers(clock: clock)
        let bench = Bench(creates: [.created, .answers(.status(404))], clock: clock, peers: peers)
        _ = try await bench.mint(Self.plain).get()
        #expect(peers.steps == [.turn, .permit, .end])
        #expect(await bench.mint(Self.plain).error?.kind.label == "profileNotFound")
        _ = try await bench.revoke().get()
        #expect(peers.steps == Array(repeating: [.turn, .permit, .end], count: 3).flatMap(\.self))
    }

    @Test("who waits for what they share is counted, until it has it or is refused")
    func backlog() async throws {
        let clock = ManualClock(automatic: true)
        let peers = FakePeers(clock: clock, permits: [nil, .throttled(.seconds(7))])
        let bench = Bench(clock: clock, peers: peers)
        let tokens = bench.tokens
        peers.lookOn { tokens.backlog }
        _ = try await bench.mint(Self.plain).get()
        #expect(await bench.mint(Self.plain).error?.kind.label == "throttled")
        #expect(peers.seen.map(\.waitingForTurn) == [1, 0, 1, 0])
        #expect(peers.seen.map(\.waitingForPermit) == [0, 1, 0, 1])
        #expect(peers.seen.allSatisfy { $0.pacing.waiting == 0 })
        #expect(tokens.backlog.waitingForTurn == 0 && tokens.backlog.waitingForPermit == 0)
    }

    @Test("a limit is shared where peers share it")
    func sharesLimit() {
        let clock = ManualClock()
        for shares in [true, false] {
            #expect(Bench(peers: FakePeers(clock: clock, sharesLimit: shares)).tokens.backlog.sharesLimit == shares)
        }
        #expect(!Bench().tokens.backlog.sharesLimit)
    }

    @Test(
        "their refusal is told as ours",
        arguments: [(PeerRefusal.busy, "profileBusy"), (.unreachable, "notRecorded"), (.cancelled, "unavailable")]
    )
    func refusedTurn(refusal: PeerRefusal, kind: String) async {
        let clock = ManualClock(automatic: true)
        let bench = Bench(clock: clock, peers: FakePeers(clock: clock, turns: [.failure(refusal)]))
        let error = await bench.mint(Self.plain).error
        #expect(error?.kind.label == kind && error?.outcome == .notCreated && bench.sends == 0)
    }

    @Test("a shared limit that is used up is told with its time")
    func refusedPermit() async {
        let clock = ManualClock(automatic: true)
        let bench = Bench(clock: clock, peers: FakePeers(clock: clock, permits: [.throttled(.seconds(7))]))
        let error = await bench.mint(Self.plain).error
        #expect(error?.kind.label == "throttled" && error?.retryAfter == .seconds(7) && bench.sends == 0)
    }

    @Test("what Graph asks one of them to wait, all of them wait")
    func closing() async throws {
        let clock = ManualClock(automatic: true)
        let peers = FakePeers(clock: clock)
        let bench = Bench(creates: [.answers(.status(429, [.retryAfter: "2"]))], clock: clock, peers: peers)
        _ = try await bench.mint(Self.plain).get()
        #expect(peers.steps == [.turn, .permit, .close(.seconds(2)), .permit, .end])
    }

    @Test("a peer's token is not taken for ours, and one of a moment before is known to be replaced")
    func theirs() async throws {
        let clock = ManualClock(automatic: true)
        let peers = FakePeers(clock: clock)
        let bench = Bench(clock: clock, peers: peers)
        await bench.becomeKnown(ago: .seconds(600))
        // Another has created one two seconds ago; this send comes to nothing, and Graph shows the other's from then on.
        let created = bench.graph.now
        bench.graph.show(.init(value: "theirs", createdAt: created, expiresAt: created + .seconds(3600)))
        let sent = clock.now
        clock.advance(by: .seconds(2))
        peers.next(
            .success([
                PeerWrite(
                    kind: .creation(validity: .seconds(3600)),
                    sent: sent,
                    answered: sent.advanced(by: .milliseconds(50)),
                    isCertain: true
                )
            ])
        )
        bench.graph.script(creates: [.fails(.reset)])
        let result = await bench.outcome()
        #expect(result.error?.outcome == .notCreated, "\(result.summary)")
    }

    @Test("a peer's later revocation is waited for by readers")
    func revocation() async {
        let clock = ManualClock(automatic: true)
        let peers = FakePeers(clock: clock)
        let bench = Bench(clock: clock, peers: peers)
        let tokens = bench.tokens
        let now = clock.now
        tokens.learn(
            [
                PeerWrite(kind: .creation(validity: .seconds(60)), sent: now, answered: now, isCertain: true),
                PeerWrite(kind: .revocation, sent: now, answered: now, isCertain: false),
            ],
            of: bench.profile
        )
        #expect(tokens.history.record(of: bench.profile).revocation == nil)
        let later = now.advanced(by: .seconds(1))
        tokens.learn(
            [
                PeerWrite(kind: .revocation, sent: later, answered: later, isCertain: true),
                // One of before what is known already.
                PeerWrite(
                    kind: .creation(validity: .seconds(90)),
                    sent: now - .seconds(5),
                    answered: now,
                    isCertain: true
                ),
            ],
            of: bench.profile
        )
        let record = tokens.history.record(of: bench.profile)
        #expect(record.revocation?.sent == later && record.creations.map(\.validity) == [.seconds(60)])
    }
}
