import CoreMetrics
import HTTPTypes
import Telemetry
import Testing

@testable import GatewayAPI

@Suite("Metrics of callers' requests")
struct MetricsTests {
    private func gateway(_ registry: MetricsRegistry, tokens: ScriptedTokens = ScriptedTokens()) -> Gateway {
        Gateway(
            tokens: tokens,
            metrics: registry,
            metricsPage: MetricsPage(mediaType: MetricsReading.mediaType) { await registry.read().text }
        )
    }

    @Test("each request is measured by route, method, status and caller, and by what came of it")
    func requests() async throws {
        let registry = MetricsRegistry([])
        let gateway = gateway(registry)
        _ = try await gateway.send([("Content-Type", "application/json")], body: "{}")
        _ = try await gateway.send(.delete)
        _ = try await gateway.send([("Content-Type", "application/json")], key: "wrong-key-0123456789", body: "{}")
        _ = try await gateway.send(.get, "/nothing/here")
        _ = try await gateway.send(HTTPRequest.Method("BREW")!, Gateway.path)
        let answer = try await gateway.manage("/metrics")
        #expect(answer.status == 200)
        #expect(answer["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        let route = #"http_route="/profiles/{profileId}/token""#
        for line in [
            #"http_server_request_duration_seconds_count{caller="default",http_request_method="POST",http_response_status_code="201",\#(route)} 1"#,
            #"http_server_request_duration_seconds_count{caller="default",http_request_method="DELETE",http_response_status_code="204",\#(route)} 1"#,
            #"http_server_request_duration_seconds_count{caller="",http_request_method="POST",http_response_status_code="401",\#(route)} 1"#,
            #"http_server_request_duration_seconds_count{caller="",http_request_method="GET",http_response_status_code="404",http_route="none"} 1"#,
            #"http_server_request_duration_seconds_count{caller="",http_request_method="_OTHER",http_response_status_code="405",\#(route)} 1"#,
            #"gateway_problems_total{code="api-key-invalid"} 1"#, #"gateway_problems_total{code="internal"} 0"#,
            #"gateway_outcomes_total{operation="create-token",outcome="created"} 1"#,
            #"gateway_outcomes_total{operation="create-token",outcome="not-created"} 1"#,
            #"gateway_outcomes_total{operation="revoke-token",outcome="revoked"} 1"#,
            #"gateway_outcomes_total{operation="revoke-token",outcome="unknown"} 0"#,
        ] {
            #expect(answer.body.contains(line + "\n"), "\(line) is not in \(answer.body)")
        }
        #expect(!answer.body.contains("BREW") && !answer.body.contains("/nothing"))
    }

    @Test("there is nothing at /metrics where nothing is measured, and nothing of it on the callers' side")
    func absent() async throws {
        #expect(try await Gateway().manage("/metrics").status == 404)
        #expect(try await gateway(MetricsRegistry([])).send(.get, "/metrics").status == 404)
    }

    @Test("callers beyond the limit are one")
    func callers() {
        let callers = KnownCallers(limit: 2)
        #expect(["a", "b", "c", "a", "d"].map(callers.label) == ["a", "b", "_OTHER", "a", "_OTHER"])
    }

    @Test("requests of callers beyond the limit are counted as one's, however often they come")
    func boundedCallers() async {
        let registry = MetricsRegistry([])
        let metrics = RequestMetrics(registry)
        for _ in 0..<2 {
            for number in 0..<RequestMetrics.mostCallers + 50 {
                let facts = RequestRecord.Facts(caller: "caller-\(number)")
                metrics.answered(.get, "/profiles", status: 200, in: .milliseconds(1), facts)
            }
        }
        let lines = await registry.read().text.split(separator: "\n")
        let counts = lines.filter { $0.hasPrefix("http_server_request_duration_seconds_count{") }
        #expect(counts.count == RequestMetrics.mostCallers + 1)
        #expect(counts.filter { $0.contains(#"caller="_OTHER""#) && $0.hasSuffix(" 100") }.count == 1)
        #expect(counts.filter { $0.hasSuffix(" 2") }.count == RequestMetrics.mostCallers)
    }
}
