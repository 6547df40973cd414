import Ledger
import Synchronization
import Testing
import Transport

@testable import PostgreSQLLedger

@Suite("PostgreSQL: places in a bucket", .timeLimit(.minutes(5)))
struct SharedPlaceTests {
    @Test("a burst is there at once; then each waits for its own time, as long as it is patient")
    func burst() async throws {
        try await Gateways.with(2) { stores in
            func take(_ index: Int, patience: Duration) async throws -> SharedPlace {
                try await stores[index % 2].takePlace(
                    in: "writes",
                    count: 1,
                    interval: .seconds(600),
                    burst: 3,
                    patience: patience
                )
            }
            let begin = ContinuousClock.now
            for index in 0..<3 {
                let place = try await take(index, patience: .zero)
                #expect(place.isTaken && place.wait == .zero && place.remaining == 2 - index)
                #expect(isNear(place.fullAfter, .seconds(600 * (index + 1)), since: begin))
            }
            let refused = try await take(0, patience: .seconds(500))
            #expect(!refused.isTaken && refused.remaining == 0 && isNear(refused.wait, .seconds(600), since: begin))
            #expect(isNear(refused.fullAfter, .seconds(1800), since: begin))
            // What was refused took nothing.
            let fourth = try await take(1, patience: .seconds(700))
            #expect(fourth.isTaken && isNear(fourth.wait, .seconds(600), since: begin))
            let fifth = try await take(0, patience: .seconds(2000))
            #expect(fifth.isTaken && isNear(fifth.wait, .seconds(1200), since: begin))
        }
    }

    @Test("four gateways together keep to the rate")
    func rate() async throws {
        try await Gateways.with(4) { stores in
            // None has to connect in the time that counts.
            for store in stores { try await store.close("another", for: .zero) }
            let begin = ContinuousClock.now
            let inAll = PlaceCount()
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<16 {
                    let store = stores[index % 4]
                    group.addTask {
                        var taken = 0
                        // A machine that is busy may come to few places in the two seconds.
                        while ContinuousClock.now - begin < .seconds(2) || inAll.count.load(ordering: .relaxed) <= 5 {
                            let place = try await store.takePlace(
                                in: "writes",
                                count: 20,
                                interval: .seconds(1),
                                burst: 5,
                                patience: .zero
                            )
                            guard place.isTaken else { continue }
                            taken += 1
                            inAll.count.add(1, ordering: .relaxed)
                        }
                        return taken
                    }
                }
                return try await group.reduce(0, +)
            }
            let most = 5 + (ContinuousClock.now - begin).seconds * 20
            #expect(Double(taken) <= most && taken > 5, "\(taken) of \(most)")
        }
    }

    @Test("places that are waited for come one after another, whoever asks")
    func queue() async throws {
        try await Gateways.with(4) { stores in
            let begin = ContinuousClock.now
            let places = try await withThrowingTaskGroup(of: SharedPlace.self) { group in
                for index in 0..<200 {
                    let store = stores[index % 4]
                    group.addTask {
                        try await store.takePlace(
                            in: "writes",
                            count: 10,
                            interval: .seconds(10),
                            burst: 5,
                            patience: .seconds(20)
                        )
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            // Those of the burst and of 20 seconds, and of the time in which all this ran.
            let taken = places.filter(\.isTaken)
            let elapsed = (ContinuousClock.now - begin).seconds
            #expect(taken.count >= 25 && Double(taken.count) <= 25 + elapsed + 1)
            #expect(taken.allSatisfy { $0.wait <= .seconds(20) })
            #expect(places.filter { !$0.isTaken }.allSatisfy { $0.wait > .seconds(20) })
        }
    }

    @Test(
        "a closed bucket has no place before its time, whoever closed it; a shorter closing does not end a longer one"
    )
    func closing() async throws {
        try await Gateways.with(2) { stores in
            func take(_ bucket: String, patience: Duration = .zero) async throws -> SharedPlace {
                try await stores[1].takePlace(
                    in: bucket,
                    count: 10,
                    interval: .seconds(100),
                    burst: 3,
                    patience: patience
                )
            }
            _ = try await take("long")
            let begin = ContinuousClock.now
            try await stores[0].close("long", for: .seconds(100))
            try await stores[0].close("long", for: .seconds(1))
            let refused = try await take("long")
            #expect(!refused.isTaken && refused.remaining == 0 && isNear(refused.wait, .seconds(100), since: begin))
            #expect(isNear(refused.fullAfter, .seconds(100), since: begin))
            // A burst is there when it opens, and then one after another.
            for wait in [100, 100, 100, 110, 120] {
                let place = try await take("long", patience: .seconds(200))
                #expect(place.isTaken && isNear(place.wait, .seconds(wait), since: begin), "\(place.wait)")
            }
            #expect(try await take("another").isTaken)

            try await stores[0].close("new", for: .seconds(60))
            #expect(try await take("new").isTaken == false)
            try await stores[0].close("brief", for: .seconds(1))
            #expect(try await comes { try await take("brief").isTaken })
        }
    }

    /// Less by the time that has gone on at most.
    private func isNear(
        _ duration: Duration,
        _ expected: Duration,
        since begin: ContinuousClock.Instant
    ) -> Bool {
        let gone = ContinuousClock.now - begin
        return duration <= expected + .milliseconds(1) && duration > expected - gone - .seconds(1)
    }
}

/// How many places were taken, by all.
private final class PlaceCount: Sendable {
    let count = Atomic(0)
}
