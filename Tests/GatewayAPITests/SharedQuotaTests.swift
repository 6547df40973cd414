import Graph
import KeyRing
import Ledger
import Settings
import Synchronization
import TestSupport
import Testing
import Transport

@testable import GatewayAPI

/// A bucket that other gateways draw on, too.
private final class FakeBuckets: LedgerSharing {
    struct Asked: Equatable {
        var bucket: String
        var count: Int
        var interval: Duration
        var burst: Int
        var patience: Duration
    }

    private let state: Mutex<(places: [SharedPlace], asked: [Asked])>

    init(_ places: [SharedPlace]) { state = Mutex((places, [])) }
    var asked: [Asked] { state.withLock(\.asked) }

    func takeTurn(of profile: ProfileReference, work: Duration) async throws(LedgerFault) -> SharedTurn {
        .taken(wasOthers: false)
    }
    func endTurn(of profile: ProfileReference) async {}
    func close(_ bucket: String, for duration: Duration) async throws(LedgerFault) {}

    func takePlace(
        in bucket: String,
        count: Int,
        interval: Duration,
        burst: Int,
        patience: Duration
    ) async throws(LedgerFault) -> SharedPlace {
        let place = state.withLock { state -> SharedPlace? in
            state.asked.append(
                .init(bucket: bucket, count: count, interval: interval, burst: burst, patience: patience)
            )
            return state.places.isEmpty ? nil : state.places.removeFirst()
        }
        guard let place else { throw LedgerFault(.unavailable, "away") }
        return place
    }
}

@Suite("Rates that gateways keep together", .timeLimit(.minutes(5)))
struct SharedQuotaTests {
    private static func entry(_ key: APIKey, _ rate: CallerRate?, caller: String = "portal") -> KeyEntry {
        KeyEntry(
            id: key.id,
            caller: caller,
            digest: key.digest,
            grant: KeyGrant(rights: [.createToken], profiles: .all),
            rate: rate,
            createdAt: .now
        )
    }

    private static func rate(_ count: Int) -> CallerRate {
        CallerRate(SettingRate(count: count, interval: .seconds(10)))
    }

    @Test("what others have used up is told and kept to; where the ledger is away each gateway counts for itself")
    func shared() async throws {
        let key = APIKey.random()
        let text = key.reveal { $0 }
        let buckets = FakeBuckets([
            SharedPlace(isTaken: true, wait: .zero, remaining: 1, fullAfter: .seconds(8)),
            SharedPlace(isTaken: false, wait: .seconds(3), remaining: 0, fullAfter: .seconds(13)),
        ])
        let clock = ManualClock()
        let quota = SharedQuota(buckets, clock: clock)
        let gateway = Gateway(sharedQuota: quota, clock: clock, keys: [Self.entry(key, Self.rate(2))])
        let first = try await gateway.send(key: text)
        #expect(first.status == 201 && first["RateLimit"] == #""caller";r=1;t=8"#)
        let refused = try await gateway.send(key: text)
        try expect(refused, is: ExpectedProblem(.rateLimited, retryAfter: 3))
        #expect(refused["RateLimit"] == #""caller";r=0;t=3"#)
        // Away, and not asked again at once: its own bucket is full still.
        for remaining in [1, 0] {
            let own = try await gateway.send(key: text)
            #expect(own.status == 201 && own["RateLimit"]?.hasPrefix("\"caller\";r=\(remaining);") == true)
        }
        #expect(try await gateway.send(key: text).status == 429)
        let asked = FakeBuckets.Asked(
            bucket: "caller:portal:2/10s:2",
            count: 2,
            interval: .seconds(10),
            burst: 2,
            patience: .zero
        )
        #expect(buckets.asked == Array(repeating: asked, count: 3))
        clock.advance(by: .seconds(2))
        _ = try await gateway.send(key: text)
        #expect(buckets.asked.count == 4)
    }

    @Test("a caller's keys draw on each other's rates, and a key without one asks nobody")
    func several() async throws {
        let (fast, slow, free) = (APIKey.random(), APIKey.random(), APIKey.random())
        let place = SharedPlace(isTaken: true, wait: .zero, remaining: 1, fullAfter: .zero)
        let buckets = FakeBuckets([place, place, place, place])
        let gateway = Gateway(
            sharedQuota: SharedQuota(buckets),
            keys: [
                Self.entry(fast, Self.rate(9)), Self.entry(slow, Self.rate(2)), Self.entry(free, nil, caller: "other"),
            ]
        )
        #expect(try await gateway.send(key: fast.reveal { $0 }).status == 201)
        #expect(buckets.asked.map(\.count) == [9, 2])
        #expect(try await gateway.send(key: slow.reveal { $0 }).status == 201)
        #expect(buckets.asked.map(\.count) == [9, 2, 2, 9])
        #expect(try await gateway.send(key: free.reveal { $0 }).status == 201)
        #expect(buckets.asked.count == 4)
    }
}
