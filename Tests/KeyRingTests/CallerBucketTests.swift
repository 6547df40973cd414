import Settings
import Testing

@testable import KeyRing

@Suite("CallerBucket")
struct CallerBucketTests {
    private let now = ContinuousClock.now
    private let bucket = CallerBucket()
    private let rate = CallerRate(SettingRate(count: 10, interval: .seconds(1)), burst: 3)

    private func isGranted(after time: Duration) -> Bool { bucket.take(at: now + time, rate).isGranted }

    @Test("a burst goes on at once, and the rest at its rate")
    func burst() {
        let step = Duration.milliseconds(100)
        for remaining in [2, 1, 0] {
            #expect(bucket.take(at: now, rate) == .init(rate: rate, remaining: remaining, reset: step, isGranted: true))
        }
        #expect(bucket.take(at: now, rate) == .init(rate: rate, remaining: 0, reset: step, isGranted: false))
        // Who is refused loses nothing by it.
        #expect(bucket.take(at: now + .milliseconds(99), rate).reset == .milliseconds(1))
        #expect(isGranted(after: step))
        #expect(!isGranted(after: step))
    }

    @Test("a bucket that rests is full, and no fuller")
    func rest() {
        for _ in 0..<3 { #expect(isGranted(after: .zero)) }
        #expect((0..<5).map { _ in isGranted(after: .seconds(3600)) } == [true, true, true, false, false])
    }

    @Test("over a long time no more goes on than the rate and one burst")
    func longRun() {
        let taken = (0..<20_000).count { isGranted(after: .milliseconds($0)) }
        #expect(taken == 200 + 2)
    }

    @Test("what is left is told to the permit, whatever the rate")
    func remaining() {
        for interval in [Duration.milliseconds(1), .seconds(1), .seconds(60), .seconds(3600), .seconds(366 * 86_400)] {
            for count in 1...300 {
                for burst in [nil, 1, 7, count * 2, 1_000_000] {
                    let rate = CallerRate(SettingRate(count: count, interval: interval), burst: burst)
                    let bucket = CallerBucket()
                    for used in 1...min(3, rate.burst) {
                        let quota = bucket.take(at: now, rate)
                        #expect(quota.isGranted && quota.remaining == rate.burst - used, "\(rate.rate) \(rate.burst)")
                        #expect(quota.reset > .zero && quota.reset <= rate.interval)
                    }
                }
            }
        }
    }

    @Test("two rates in turn let through no more than the faster one, and hold nobody up for longer than its own")
    func twoRates() {
        let slow = CallerRate(SettingRate(count: 10, interval: .seconds(3600)))
        let fast = CallerRate(SettingRate(count: 10, interval: .seconds(1)))
        bucket.hold([slow, fast])
        let atOnce = (0..<1000).count { bucket.take(at: now, $0 % 3 == 0 ? slow : fast).isGranted }
        #expect(atOnce == 10)
        #expect(bucket.take(at: now, fast).reset == .milliseconds(100))
        #expect(bucket.take(at: now, slow).reset == .seconds(360))
        let later = (0..<5000).count { bucket.take(at: now + .milliseconds($0), $0 % 2 == 0 ? slow : fast).isGranted }
        #expect(later == 49)
        #expect(bucket.take(at: now + .seconds(365), slow).isGranted)
        bucket.hold([slow])
        #expect(!bucket.take(at: now + .seconds(365), slow).isGranted)
        #expect(bucket.take(at: now + .seconds(365), fast).remaining == 9)
    }

    @Test("many at once take no more than there is")
    func concurrency() async {
        let rate = CallerRate(SettingRate(count: 100, interval: .seconds(1000)))
        let (bucket, now) = (bucket, now)
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { bucket.take(at: now, rate).isGranted } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 100)
    }
}
