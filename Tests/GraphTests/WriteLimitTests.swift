import Testing

@testable import Graph

@Suite("WriteLimit")
struct WriteLimitTests {
    @Test(
        "it is given out in as many portions as divide it evenly, four at most",
        arguments: [
            (80, 20, 20, 5), (10, 20, 5, 10), (7, 20, 7, 20), (9, 30, 3, 10), (1, 20, 1, 20), (2, 20, 1, 10),
            (100_000, 1, 25_000, 0.25),
        ]
    )
    func portions(count: Int, interval: Double, portionCount: Int, portionInterval: Double) {
        let limit = WriteLimit(count: count, interval: .seconds(interval))
        #expect(limit.portion == WriteLimit(count: portionCount, interval: .seconds(portionInterval)))
    }

    @Test("so many portions are never shorter than the limit's interval", arguments: 1...12)
    func rounding(count: Int) {
        for interval in [Duration.milliseconds(1), .seconds(1), .seconds(20), .nanoseconds(1)] {
            let limit = WriteLimit(count: count, interval: interval)
            let portions = limit.count / limit.portion.count
            #expect(limit.portion.count * portions == count)
            #expect(limit.portion.interval * portions >= interval)
            #expect(limit.portion.interval * portions - interval < .nanoseconds(1))
        }
    }
}
