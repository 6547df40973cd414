package import CoreMetrics
import Metering
import Traces
import Transport

/// What is measured of the way to Graph. The names are those of docs/metrics.md.
package final class GraphMetrics: Sendable {
    /// What is waited for before a request is sent.
    enum Step: String {
        case turn, pacing
        case accessToken = "access-token"
        /// That Graph be asked once more.
        case pause
    }

    /// Why a request to Graph was sent once more.
    enum RetryReason: String {
        case unauthorized, throttled
        case notSent = "not-sent"
        /// A revocation of which it is not known whether it was done.
        case ambiguous
        /// A read that failed in a way that may pass.
        case failed
    }

    /// What came of looking for what a send has done whose answer was lost.
    enum ReadBackResult: String, CaseIterable {
        case yes, no, unclear
    }

    private struct AttemptLabels: MetricLabels {
        var operation: GraphAttempt.Operation
        var status: Status

        enum Status: Hashable {
            case answered(Int)
            case failed(TransportError.Kind)
        }

        var dimensions: [(String, String)] {
            let status =
                switch status {
                case .answered(let status): "\(status)"
                case .failed(let kind): kind.rawValue
                }
            return [("operation", operation.rawValue), ("status", status)]
        }
    }

    private struct OperationLabels: MetricLabels {
        var operation: GraphAttempt.Operation
        var name: String
        var value: String
        var dimensions: [(String, String)] { [("operation", operation.rawValue), (name, value)] }
    }

    private let attempts: LabelledTimers<AttemptLabels>
    private let retries: LabelledCounters<OperationLabels>
    private let readBacks: LabelledCounters<OperationLabels>
    private let turns, pacing, accessTokens, pauses: Timer

    package init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        attempts = LabelledTimers("gateway.upstream.request.duration", in: factory)
        retries = LabelledCounters("gateway.retries", in: factory)
        readBacks = LabelledCounters("gateway.read_backs", in: factory)
        func waits(for step: Step) -> Timer {
            Timer(label: "gateway.wait.duration", dimensions: [("step", step.rawValue)], factory: factory)
        }
        turns = waits(for: .turn)
        pacing = waits(for: .pacing)
        accessTokens = waits(for: .accessToken)
        pauses = waits(for: .pause)
        for operation in [GraphAttempt.Operation.createToken, .revokeToken] {
            readBacks.show(
                ReadBackResult.allCases.map {
                    OperationLabels(operation: operation, name: "result", value: $0.rawValue)
                }
            )
        }
    }

    func attempted(_ attempt: GraphAttempt) {
        let status: AttemptLabels.Status =
            if let error = attempt.error { .failed(error) } else { .answered(attempt.status ?? 0) }
        attempts.record(attempt.duration, AttemptLabels(operation: attempt.operation, status: status))
    }

    func retried(_ operation: GraphAttempt.Operation, _ reason: RetryReason) {
        retries.count(OperationLabels(operation: operation, name: "reason", value: reason.rawValue))
    }

    func readBack(_ operation: GraphAttempt.Operation, _ result: ReadBackResult) {
        readBacks.count(OperationLabels(operation: operation, name: "result", value: result.rawValue))
    }

    /// Measured, and noted among what the present request has waited for.
    func waited(for step: Step, since start: ContinuousClock.Instant, until end: ContinuousClock.Instant) {
        StepLog.waited(for: step.rawValue, since: start, until: end)
        let timer =
            switch step {
            case .turn: turns
            case .pacing: pacing
            case .accessToken: accessTokens
            case .pause: pauses
            }
        timer.record(end - start)
    }

    /// Noted alone: what is measured is how long those wait who are let through.
    func waitedInVain(for step: Step, since start: ContinuousClock.Instant, until end: ContinuousClock.Instant) {
        StepLog.waited(for: step.rawValue, since: start, until: end)
    }
}
