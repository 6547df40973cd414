import JSONText
package import KeyRing
package import Transport

/// Whether the key ring's file can be used, and how its keys stand.
///
/// Never a reason not to be ready: callers whose keys are in force are served.
package struct KeyRingCheck: ReadinessCheck {
    package let name = "key-ring"
    private let facts: @Sendable () -> KeyRingFacts
    private let wallClock: @Sendable () -> Timestamp

    package init(
        wallClock: @escaping @Sendable () -> Timestamp = { .now },
        facts: @escaping @Sendable () -> KeyRingFacts
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
            message: message,
            facts: text(facts, at: now)
        )
    }

    private func trouble(_ facts: KeyRingFacts, at now: Timestamp) -> (detail: String?, message: String?) {
        if let fault = facts.fault {
            return ("key-ring-unusable", "the keys before it stay in force: \(fault)")
        }
        if facts.count(.live, at: now) == 0, !facts.hasSingle {
            return ("no-key-in-force", "no key is valid now: all callers are refused")
        }
        return (nil, nil)
    }

    private func text(_ facts: KeyRingFacts, at now: Timestamp) -> JSONObjectText {
        var text = JSONObjectText()
        text.add("generation", facts.generation)
        text.add("loadedAt", facts.loadedAt.rfc3339)
        text.add("keys", facts.entries.count)
        text.add("live", facts.count(.live, at: now))
        text.add("endingSoon", facts.endingSoon(at: now).count)
        text.add("apiKey", facts.hasSingle)
        return text
    }
}
