package import CoreMetrics
import Metering

/// What is measured of the ledger's store. The names are those of docs/metrics.md.
package struct LedgerMetrics: Sendable {
    /// What a request waits for.
    enum Operation: String, CaseIterable {
        /// Taking an Idempotency-Key.
        case claim
        /// Writing that a request is about to be sent.
        case begin
        /// Writing what came of it.
        case settle
    }

    private let writes: LabelledTimers<OneLabel>
    private let failures: Counter

    package init(_ factory: any MetricsFactory = NOOPMetricsHandler.instance) {
        writes = LabelledTimers("gateway.ledger.write.duration", in: factory)
        failures = Counter(label: "gateway.ledger.failures", factory: factory)
    }

    /// Failed ones as well: how long they took is how long a request waited.
    func wrote(in duration: Duration, _ operation: Operation) {
        writes.record(duration, OneLabel("operation", operation.rawValue))
    }

    func failed() { failures.increment() }
}
