import Testing

@testable import Activity

@Suite("LatencyHistogram")
struct LatencyHistogramTests {
    private func read(_ duration: Duration) -> Duration? {
        var histogram = LatencyHistogram()
        histogram.add(duration)
        return histogram.quantile(0.5)
    }

    @Test("what is read is off by at most a sixteenth, from the shortest to the longest")
    func error() {
        var duration = LatencyHistogram.shortest
        while duration <= LatencyHistogram.longest {
            #expect(isNear(read(duration), duration), "\(duration) is read as \(String(describing: read(duration)))")
            duration += max(.microseconds(1), duration / 50)
        }
    }

    @Test("what is beyond the ends counts as the ends")
    func ends() {
        for duration in [Duration.zero, .nanoseconds(1), .microseconds(63), .milliseconds(-5), .seconds(-5)] {
            #expect(isNear(read(duration), LatencyHistogram.shortest))
        }
        for duration in [Duration.seconds(135), .seconds(86_400), .seconds(Int64.max)] {
            #expect(isNear(read(duration), LatencyHistogram.longest))
        }
    }

    @Test("a share is taken by rank, and of nothing there is none")
    func ranks() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == nil)
        histogram.add(.milliseconds(1))
        histogram.add(.seconds(1))
        #expect(isNear(histogram.quantile(0), .milliseconds(1)) && isNear(histogram.quantile(0.5), .milliseconds(1)))
        #expect(isNear(histogram.quantile(0.51), .seconds(1)) && isNear(histogram.quantile(1), .seconds(1)))
    }
}
