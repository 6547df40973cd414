package import Explanations

/// What one step of the doctor found.
package struct Finding: Sendable, Equatable {
    package enum Result: String, Sendable, CaseIterable {
        case passed
        /// It works; somebody should look at it.
        case warned = "warning"
        case failed
        /// A step that it needs has failed.
        case notTried = "not-tried"
        /// There is nothing to look at here.
        case notNeeded = "not-needed"

        /// Whether steps that need this one can be tried.
        var allowsMore: Bool {
            switch self {
            case .passed, .warned, .notNeeded: true
            case .failed, .notTried: false
            }
        }
    }

    /// Something that was seen, by name. Never a secret.
    package struct Fact: Sendable, Equatable {
        package var name: String
        package var value: String
    }

    package var step: StepID
    package var result: Result
    /// In one sentence or less.
    package var summary: String
    package var facts: [Fact] = []
    package var advice: [Advice] = []

    package init(_ step: StepID, _ result: Result, _ summary: String, facts: [Fact] = [], advice: [Advice] = []) {
        self.step = step
        self.result = result
        self.summary = summary
        self.facts = facts
        self.advice = advice
    }

    /// Adds what is known.
    mutating func note(_ name: String, _ value: String?) {
        guard let value, !value.isEmpty else { return }
        facts.append(Fact(name: name, value: value))
    }
}

/// What a failure or a warning means, who must act, and what to do.
package struct Advice: Sendable, Equatable {
    /// Of the table of explanations, where it is from there.
    package var code: String?
    package var meaning: String
    package var actor: Explanation.Actor
    package var step: String

    package init(_ meaning: String, _ actor: Explanation.Actor, _ step: String) {
        self.meaning = meaning
        self.actor = actor
        self.step = step
    }

    package init(_ explanation: Explanation) {
        code = explanation.code
        meaning = explanation.meaning
        actor = explanation.actor
        step = explanation.step
    }
}

/// Everything that was found, in order.
package struct Diagnosis: Sendable, Equatable {
    package var findings: [Finding]
    /// Who gives access tokens, as titles name it.
    private let issuer: String
    private let hasAuthority: Bool

    /// - Parameter issuer: nil where the configuration does not say.
    package init(_ findings: [Finding] = [], issuer: DoctorSubject.Issuer? = nil) {
        self.findings = findings
        self.issuer = issuer?.title ?? "Entra"
        hasAuthority = if case .managedIdentity? = issuer { false } else { true }
    }

    /// Whether nothing failed; warnings may be among it.
    package var isHealthy: Bool { findings.allSatisfy { $0.result.allowsMore } }

    package func count(_ result: Finding.Result) -> Int { findings.count { $0.result == result } }

    /// What must hold before this step makes sense.
    package func needs(of step: StepID) -> [StepID] { step.needs(hasAuthority: hasAuthority) }

    /// What a person reads.
    package func title(of step: StepID) -> String {
        switch step {
        case .configuration: "Configuration"
        case .issuerName: "Name of \(issuer)"
        case .issuerConnection: "Connection to \(issuer)"
        case .issuerTrust: "Trust in \(issuer)"
        case .graphName: "Name of Graph"
        case .graphConnection: "Connection to Graph"
        case .graphTrust: "Trust in Graph"
        case .clock: "Clock"
        case .accessToken: "Access token"
        case .audience: "Token's audience"
        case .permission: "Permission"
        case .profiles: "List of profiles"
        case .profile: "One profile"
        case .creation: "createToken"
        }
    }
}
