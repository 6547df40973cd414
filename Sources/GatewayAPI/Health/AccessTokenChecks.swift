package import Entra
import Explanations
import JSONText

/// Ready means that there is an access token for Graph: a gateway without one can do nothing.
///
/// It is degraded while renewing fails and the present token still serves.
package struct AccessTokenCheck: ReadinessCheck {
    package let name = "access-token"
    private let health: @Sendable () -> TokenHealth

    package init(health: @escaping @Sendable () -> TokenHealth) { self.health = health }

    package func finding() async -> ReadinessFinding {
        let health = health()
        let error = health.lastError
        // One that Graph has rejected is being replaced: callers wait for a moment, and no other gateway would do better.
        let isReplacing = !health.hasUsableToken && health.hasHadToken && health.isFetching && error == nil
        let status: ReadinessFinding.Status =
            if isReplacing { .degraded } else if !health.hasUsableToken { .notReady } else if error != nil {
                .degraded
            } else { .ready }
        let word: String? = if isReplacing { "renewing" } else if status == .ready { nil } else { "starting" }
        return ReadinessFinding(
            status,
            detail: error?.reason.rawValue ?? word,
            message: error?.detail,
            remedy: error?.explanation?.remedy,
            facts: facts(health)
        )
    }

    private func facts(_ health: TokenHealth) -> JSONObjectText {
        var facts = JSONObjectText()
        facts.add("ageSeconds", health.age.map(\.wholeSeconds))
        facts.add("expiresInSeconds", health.expiresIn.map(\.wholeSeconds))
        facts.add("renewsInSeconds", health.renewsIn.map(\.wholeSeconds))
        facts.add("retriesInSeconds", health.lastError?.retryAfter.map(\.wholeSeconds))
        facts.add("aadsts", health.lastError?.aadsts)
        return facts
    }
}

/// Ready means that the access token's roles allow `createToken`. A token that does not show them counts as good: whether it
/// is, Graph alone knows.
package struct PermissionCheck: ReadinessCheck {
    package let name = "permission"
    private let health: @Sendable () -> TokenHealth

    package init(health: @escaping @Sendable () -> TokenHealth) { self.health = health }

    package func finding() async -> ReadinessFinding {
        switch health().permission {
        // Before the first token the check of the token itself says what there is to say.
        case nil, .sufficient: ReadinessFinding(.ready)
        case .missing?: finding(.notReady, "permission-missing")
        case .excessive?: finding(.ready, "permission-excessive")
        case .unreadable?: finding(.ready, "permission-unreadable")
        }
    }

    private func finding(_ status: ReadinessFinding.Status, _ detail: String) -> ReadinessFinding {
        ReadinessFinding(status, detail: detail, message: health().permission?.remark)
    }
}

extension Duration {
    /// Rounded down; below zero for what is past.
    var wholeSeconds: Int { Int(components.seconds) }
}
