import CoreMetrics
import Metering
import Telemetry
import Testing

@Suite("Series that are kept at hand")
struct LabelledMetricsTests {
    @Test("each value of the label is a series; those that are to be seen at zero are there at once")
    func series() async {
        let registry = MetricsRegistry([])
        let counters = LabelledCounters<OneLabel>("things", in: registry)
        counters.show(["a", "b"].map { OneLabel("kind", $0) })
        counters.count(OneLabel("kind", "b"))
        counters.count(OneLabel("kind", "c"))
        let text = await registry.read().text
        #expect(text.contains("things_total{kind=\"a\"} 0\nthings_total{kind=\"b\"} 1\nthings_total{kind=\"c\"} 1\n"))
    }

    @Test("a duration is recorded in seconds")
    func durations() async {
        let registry = MetricsRegistry([])
        let timers = LabelledTimers<OneLabel>("took", in: registry)
        timers.record(.milliseconds(1500), OneLabel("step", "x"))
        timers.record(.nanoseconds(250), OneLabel("step", "x"))
        let text = await registry.read().text
        #expect(text.contains("took_seconds_sum{step=\"x\"} 1.50000025\n"))
        #expect(text.contains("took_seconds_count{step=\"x\"} 2\n"))
    }
}
