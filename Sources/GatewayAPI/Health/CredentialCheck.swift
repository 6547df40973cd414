package import Entra
import JSONText
import Settings
package import Transport

/// Which credential is in use, when it ends, and whether what is to replace it can be used.
///
/// Never a reason not to be ready: whether Entra takes the credential shows in the access token.
package struct CredentialCheck: ReadinessCheck {
    package let name = "credential"
    private let facts: @Sendable () -> CredentialFacts
    private let wallClock: @Sendable () -> Timestamp

    package init(
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        facts: @escaping @Sendable () -> CredentialFacts
    ) {
        self.facts = facts
        self.wallClock = wallClock
    }

    package func finding() async -> ReadinessFinding {
        let facts = facts()
        let now = wallClock()
        let (detail, message) = trouble(facts, at: now)
        return ReadinessFinding(
            detail == nil ? .ready : .degraded,
            detail: detail,
            message: message ?? facts.expiry?.remark(at: now),
            facts: text(facts, at: now)
        )
    }

    /// The foremost of what there is to mend.
    private func trouble(_ facts: CredentialFacts, at now: Timestamp) -> (detail: String?, message: String?) {
        let standing = facts.expiry?.standing(at: now)
        let remark = facts.expiry?.remark(at: now)
        if standing == .ended { return ("expired", remark) }
        if let fault = facts.fault {
            return ("replacement-unusable", "the one before stays in use: \(fault.name): \(fault.reason)")
        }
        if let refusal = facts.candidate?.refusal {
            return ("replacement-refused", "the one before stays in use: \(refusal.detail)")
        }
        return standing == .near ? ("expires-soon", remark) : (nil, nil)
    }

    private func text(_ facts: CredentialFacts, at now: Timestamp) -> JSONObjectText {
        var text = JSONObjectText()
        text.add("kind", facts.kind.rawValue)
        text.add("origin", facts.origin)
        text.add("generation", facts.inUse?.generation)
        text.add("loadedAt", facts.inUse?.loadedAt.rfc3339)
        text.add("thumbprint", facts.inUse?.certificate?.sha1)
        text.add("expiresAt", facts.endsAt?.rfc3339)
        text.add("daysLeft", facts.expiry?.daysLeft(at: now))
        return text
    }
}
