import Entra
import HTTPTypes
import Telemetry
import Testing
import Transport

@testable import Graph

@Suite("gateway_retries_total", .timeLimit(.minutes(5)))
struct RetryCountTests {
    struct Retry: Sendable, CustomTestStringConvertible {
        var labels: String
        /// The access token that the repetition asks for, counted from zero.
        var token: Int
        var creates: [FakeGraph.Create] = []
        var reads: [FakeGraph.Read] = []
        var revokes = false
        var testDescription: String { labels }
    }

    private static let retries = [
        Retry(
            labels: #"operation="create-token",reason="throttled""#,
            token: 2,
            creates: [.answers(.status(429, [.retryAfter: "2"]))]
        ),
        Retry(labels: #"operation="create-token",reason="not-sent""#, token: 2, creates: [.fails(.notConnected)]),
        Retry(
            labels: #"operation="create-token",reason="unauthorized""#,
            token: 2,
            creates: [.answers(.status(401))]
        ),
        Retry(
            labels: #"operation="revoke-token",reason="ambiguous""#,
            token: 2,
            creates: [.fails(.reset)],
            revokes: true
        ),
        Retry(labels: #"operation="read-profile",reason="failed""#, token: 1, reads: [.answers(.status(500))]),
        Retry(labels: #"operation="read-profile",reason="unauthorized""#, token: 1, reads: [.answers(.status(401))]),
    ]

    /// All of it that is shown after something was done once that needs a repetition.
    private func counted(_ retry: Retry, failing: Int? = nil) async -> [Substring] {
        let registry = MetricsRegistry([])
        let bench = Bench(
            creates: retry.creates,
            reads: retry.reads,
            metrics: GraphMetrics(registry)
        ) { index, _ throws(EntraError) in
            guard let failing, index >= failing else { return }
            throw EntraError(.unavailable, reason: .unreachable, detail: "")
        }
        if retry.revokes { _ = await bench.revoke() } else { _ = await bench.create() }
        return await registry.read().text.split(separator: "\n").filter { $0.hasPrefix("gateway_retries_total{") }
    }

    @Test("what is sent once more counts with its reason", arguments: retries)
    func sent(retry: Retry) async {
        #expect(await counted(retry) == ["gateway_retries_total{\(retry.labels)} 1"])
    }

    @Test("what was to be sent once more, and was not, does not count", arguments: retries)
    func notSent(retry: Retry) async {
        #expect(await counted(retry, failing: retry.token) == [])
    }
}
