import CoreMetrics
import Testing

@testable import Telemetry

@Suite("The registry of metrics")
struct MetricsRegistryTests {
    @Test("what a library measures without our knowing comes along")
    func libraries() async {
        let registry = MetricsRegistry([])
        Counter(label: "lib.things", dimensions: [], factory: registry).increment()
        Timer(label: "lib.wait", dimensions: [], factory: registry).recordSeconds(2)
        Recorder(label: "lib.size", dimensions: [], aggregate: true, factory: registry).record(7)
        Gauge(label: "lib.level", dimensions: [], factory: registry).record(0.5)
        Meter(label: "lib.meter", dimensions: [], factory: registry).increment(by: 4)
        FloatingPointCounter(label: "lib.parts", dimensions: [], factory: registry).increment(by: 1.25)
        let text = await registry.read().text
        for line in [
            "lib_things_total 1", "lib_wait_seconds_sum 2", "lib_size_bucket{le=\"10\"} 1", "lib_level 0.5",
            "lib_meter 4", "lib_parts_total 1.25",
        ] {
            #expect(text.contains("\n\(line)\n"), "\(line) in \(text)")
        }
    }

    @Test("the same labels are the same series, in whatever order they are given")
    func identity() async {
        let registry = MetricsRegistry([])
        Counter(label: "c", dimensions: [("a", "1"), ("b", "2")], factory: registry).increment()
        Counter(label: "c", dimensions: [("b", "2"), ("a", "1")], factory: registry).increment()
        #expect(await registry.read().text.contains("c_total{a=\"1\",b=\"2\"} 2\n"))
    }

    @Test("a metric has a limit of series, and there is a limit of metrics; what is beyond is counted")
    func bounds() async {
        let registry = MetricsRegistry([.init("metrics.dropped_series", .counter, "")])
        for number in 0..<(MetricsRegistry.seriesLimit + 5) {
            Counter(label: "many", dimensions: [("n", "\(number)")], factory: registry).increment()
        }
        for number in 0..<MetricsRegistry.familyLimit {
            Counter(label: "family\(number)", dimensions: [], factory: registry).increment()
        }
        let text = await registry.read().text
        #expect(text.split(separator: "\n").count { $0.hasPrefix("many_total{") } == MetricsRegistry.seriesLimit)
        #expect(text.contains("\nmetrics_dropped_series_total 6\n"))
    }

    @Test("a name that stands for something of another kind breaks nothing")
    func clash() async {
        let registry = MetricsRegistry([])
        Gauge(label: "x_total", dimensions: [], factory: registry).record(1)
        Counter(label: "x", dimensions: [], factory: registry).increment()
        let text = await registry.read().text
        #expect(text.split(separator: "\n").count { $0.hasPrefix("x_total") } == 1)
        #expect(text.contains("\nmetrics_dropped_series 1\n"))
    }

    @Test("many at once lose nothing")
    func crowd() async {
        let registry = MetricsRegistry([])
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    for number in 0..<1000 {
                        Counter(label: "c", dimensions: [("n", "\(number % 10)")], factory: registry).increment()
                        Timer(label: "t", dimensions: [], factory: registry).recordMilliseconds(1)
                    }
                }
            }
        }
        let text = await registry.read().text
        #expect(text.contains("c_total{n=\"3\"} 800\n") && text.contains("t_seconds_count 8000\n"))
    }

    @Test("a counter only rises")
    func monotonic() async {
        let registry = MetricsRegistry([])
        let counter = Counter(label: "c", dimensions: [], factory: registry)
        counter.increment(by: 3)
        counter.increment(by: -2)
        FloatingPointCounter(label: "f", dimensions: [], factory: registry).increment(by: -Double.infinity)
        let text = await registry.read().text
        #expect(text.contains("c_total 3\n") && text.contains("f_total 0\n"))
    }
}
