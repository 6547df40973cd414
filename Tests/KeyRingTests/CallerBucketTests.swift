import Settings
import Testing

@testable import KeyRing

@Suite("CallerBucket")
struct CallerBucketTests {
    private let now = ContinuousClock.now
    private let rate = CallerRate(SettingRate(count: 10, interval: .seconds(1)), burst: 3)

    @Test("a burst goes on at once, and the rest at its rate")
    func burst() {
        let bucket = CallerBucket(rate)
        #expect(
            bucket.take(at: now) == .init(limit: 3, window: .milliseconds(300), remaining: 2, reset: .milliseconds(100))
        )
        #expect(bucket.take(at: now).remaining == 1)
        let last = bucket.take(at: now)
        #expect(last.wait == nil)
        #expect(last.remaining == 0)
        #expect(last.reset == .milliseconds(300))
        let refused = bucket.take(at: now)
        #expect(refused.wait == .milliseconds(100))
        #expect(refused.remaining == 0)
        // Who is refused loses nothing by it.
        #expect(bucket.take(at: now + .milliseconds(99)).wait == .milliseconds(1))
        #expect(bucket.take(at: now + .milliseconds(100)).wait == nil)
        #expect(bucket.take(at: now + .milliseconds(100)).wait == .milliseconds(100))
    }

    @Test("a bucket that rests is full, and no fuller")
    func rest() {
        let bucket = CallerBucket(rate)
        for _ in 0..<3 { #expect(bucket.take(at: now).wait == nil) }
        let later = now + .seconds(3600)
        #expect((0..<5).map { _ in bucket.take(at: later).wait == nil } == [true, true, true, false, false])
    }

    @Test("over a long time no more goes on than the rate and one burst")
    func longRun() {
        let bucket = CallerBucket(rate)
        let taken = (0..<20_000).count { bucket.take(at: now + .milliseconds($0)).wait == nil }
        #expect(taken == 200 + 2)
    }

    @Test("many at once take no more than there is")
    func concurrency() async {
        let bucket = CallerBucket(CallerRate(SettingRate(count: 100, interval: .seconds(1000))))
        let now = now
        let taken = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<1000 { group.addTask { bucket.take(at: now).wait == nil } }
            return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(taken == 100)
    }
}
