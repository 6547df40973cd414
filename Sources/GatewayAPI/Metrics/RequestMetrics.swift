package import CoreMetrics
import HTTPTypes
import Metering

/// What is measured of callers' requests. The names are those of docs/metrics.md.
package final class RequestMetrics: Sendable {
    /// The names of so many callers are told apart; those who come later are one. Each name takes some dozen lines of each route, method
    /// and status that the caller has met.
    package static let mostCallers = 100
    /// Who those are that are not told apart.
    package static let otherCallers = "_OTHER"

    private struct RequestLabels: MetricLabels {
        var route: String
        var method: String
        var status: Int
        var caller: String

        // The names that OpenTelemetry's conventions for HTTP have.
        var dimensions: [(String, String)] {
            [
                ("http_route", route), ("http_request_method", method), ("http_response_status_code", "\(status)"),
                ("caller", caller),
            ]
        }
    }

    private struct OutcomeLabels: MetricLabels {
        var operation: String
        var outcome: String
        var dimensions: [(String, String)] { [("operation", operation), ("outcome", outcome)] }
    }

    private let requests: LabelledTimers<RequestLabels>
    private let problems: LabelledCounters<OneLabel>
    private let outcomes: LabelledCounters<OutcomeLabels>
    private let callers = KnownCallers(limit: mostCallers)

    package init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        requests = LabelledTimers("http.server.request.duration", in: factory)
        problems = LabelledCounters("gateway.problems", in: factory)
        outcomes = LabelledCounters("gateway.outcomes", in: factory)
        problems.show(ProblemCode.allCases.map { OneLabel("code", $0.rawValue) })
        outcomes.show(
            Self.outcomesOfCreation.map { OutcomeLabels(operation: "create-token", outcome: $0) }
                + Self.outcomesOfRevocation.map { OutcomeLabels(operation: "revoke-token", outcome: $0) }
        )
    }

    private static let outcomesOfCreation = ["created", "not-created", "unknown"]
    private static let outcomesOfRevocation = ["revoked", "not-revoked", "unknown"]

    /// - Parameters:
    ///   - route: the route's pattern; `nil` for a path that is none.
    ///   - duration: from its head to its answer.
    func answered(
        _ method: HTTPRequest.Method,
        _ route: String?,
        status: Int,
        in duration: Duration,
        _ facts: RequestRecord.Facts
    ) {
        let labels = RequestLabels(
            route: route ?? "none",
            method: method.boundedName,
            status: status,
            caller: facts.caller ?? ""
        )
        requests.record(duration, labels) { [callers] labels in
            if let caller = facts.caller { labels.caller = callers.label(caller) }
        }
        if let code = facts.code { problems.count(OneLabel("code", code)) }
        // Answered again, it came of an earlier request.
        guard let outcome = facts.outcome, !facts.isReplay else { return }
        switch method {
        case .post: outcomes.count(OutcomeLabels(operation: "create-token", outcome: outcome))
        case .delete: outcomes.count(OutcomeLabels(operation: "revoke-token", outcome: outcome))
        default: break
        }
    }

    /// A request that ended at the edge, before it was one.
    func refused(_ code: ProblemCode) { problems.count(OneLabel("code", code.rawValue)) }
}
