import JSONText
package import Ledger

/// Whether what is asked can be put on record.
///
/// That nothing can be written is no reason not to be ready: reads are answered, and another gateway has the same ledger. While what
/// was left behind is looked into at start, another one does better.
package struct LedgerCheck: ReadinessCheck {
    package let name = "ledger"
    private let health: @Sendable () -> LedgerHealth?

    /// - Parameter health: `nil` where nothing is kept.
    package init(health: @escaping @Sendable () -> LedgerHealth?) { self.health = health }

    package func finding() async -> ReadinessFinding {
        guard let health = health() else { return ReadinessFinding(.ready, detail: "none") }
        let (detail, message) = trouble(health)
        var facts = JSONObjectText()
        facts.add("unwritten", health.unwritten)
        facts.add("missingInAuditLog", health.auditDropped)
        let trouble: ReadinessFinding.Status = health.isStarting && health.fault == nil ? .notReady : .degraded
        return ReadinessFinding(detail == nil ? .ready : trouble, detail: detail, message: message, facts: facts)
    }

    private func trouble(_ health: LedgerHealth) -> (detail: String?, message: String?) {
        if let fault = health.fault {
            return ("ledger-unavailable", "nothing is created or revoked until it can be written: \(fault)")
        }
        if health.isStarting {
            return ("settling", "what came of requests before the start is being found out; none is taken until then")
        }
        if let fault = health.auditFault { return ("audit-log-unwritable", fault) }
        return (nil, nil)
    }
}
