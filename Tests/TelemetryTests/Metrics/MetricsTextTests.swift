import CoreMetrics
import Testing

@testable import Telemetry

@Suite("Metrics as text")
struct MetricsTextTests {
    private let known: [MetricDescription] = [
        .init("test.requests", .counter, "Requests that came."),
        .init("test.duration", .histogram, unit: "seconds", buckets: [0.1, 1], "How long they took."),
        .init("test.waiting", .gauge, "Those that wait; a \\ and a\nline break."),
    ]

    @Test("a counter, a distribution and a gauge, in the order of their names")
    func whole() async {
        let registry = MetricsRegistry(known)
        Counter(label: "test.requests", dimensions: [("code", "a")], factory: registry).increment(by: 2)
        let timer = Timer(label: "test.duration", dimensions: [("route", "/x"), ("caller", "p")], factory: registry)
        for milliseconds in [50, 100, 500, 7000] { timer.recordMilliseconds(milliseconds) }
        registry.onRead { $0.add("test.waiting", 3) }
        #expect(
            await registry.read().text == """
                # HELP metrics_dropped_series Looked up: metrics.dropped_series.
                # TYPE metrics_dropped_series gauge
                metrics_dropped_series 0
                # HELP test_duration_seconds How long they took.
                # TYPE test_duration_seconds histogram
                test_duration_seconds_bucket{caller="p",route="/x",le="0.1"} 2
                test_duration_seconds_bucket{caller="p",route="/x",le="1"} 3
                test_duration_seconds_bucket{caller="p",route="/x",le="+Inf"} 4
                test_duration_seconds_sum{caller="p",route="/x"} 7.65
                test_duration_seconds_count{caller="p",route="/x"} 4
                # HELP test_requests_total Requests that came.
                # TYPE test_requests_total counter
                test_requests_total{code="a"} 2
                # HELP test_waiting Those that wait; a \\\\ and a\\nline break.
                # TYPE test_waiting gauge
                test_waiting 3

                """
        )
    }

    @Test(
        "a label's value is quoted as the format asks for",
        arguments: [(#"a"b"#, #"a\"b"#), (#"a\b"#, #"a\\b"#), ("a\nb", #"a\nb"#), ("日本", "日本"), ("", "")]
    )
    func escapes(value: String, written: String) async {
        let registry = MetricsRegistry(known)
        Counter(label: "test.requests", dimensions: [("code", value)], factory: registry).increment()
        let text = await registry.read().text
        #expect(text.contains("test_requests_total{code=\"\(written)\"} 1\n"))
    }

    @Test("a name is letters, digits and underscores")
    func names() {
        #expect(MetricDescription("a.b-c/d é", .gauge, "").name == "a_b_c_d__")
        #expect(MetricDescription("9.lives", .counter, "").name == "_9_lives_total")
        #expect(MetricDescription("x.bytes", .gauge, unit: "bytes", "").name == "x_bytes")
    }

    @Test("what is not known is not shown")
    func absent() async {
        let registry = MetricsRegistry(known)
        registry.onRead { $0.add("test.waiting", nil) }
        #expect(await !registry.read().text.contains("test_waiting"))
    }
}
