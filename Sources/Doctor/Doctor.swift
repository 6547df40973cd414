/// Follows the way of a request step by step, and says where it ends and what to do.
///
/// Everything is read only, but for ``StepID/creation``, which is taken only when asked for.
package struct Doctor: Sendable {
    /// What it tells while it works.
    package enum Report: Sendable, Equatable {
        /// What the next step is about to do to the tenant.
        case announcement(String)
        case finding(Finding)
    }

    private let subject: DoctorSubject
    private let tools: DoctorTools

    package init(_ subject: DoctorSubject, tools: DoctorTools) {
        self.subject = subject
        self.tools = tools
    }

    /// Takes all steps; those that need a failed one are not tried, and say so.
    ///
    /// - Parameters:
    ///   - configuration: what was found about the configuration, which is there already.
    ///   - report: is told as soon as there is something to tell.
    package func examine(
        after configuration: Finding,
        report: @Sendable (Report) -> Void = { _ in }
    ) async -> Diagnosis {
        var file = CaseFile(subject: subject, tools: tools)
        var diagnosis = Diagnosis([configuration], issuer: subject.issuer)
        report(.finding(configuration))
        for step in steps {
            let finding: Finding
            if let obstacle = diagnosis.obstacle(to: step.id) {
                finding = obstacle
            } else {
                if let announcement = step.announcement(file) { report(.announcement(announcement)) }
                finding = await step.examine(&file)
            }
            diagnosis.findings.append(finding)
            report(.finding(finding))
        }
        return diagnosis
    }

    /// What is left when the configuration is wrong: nothing is tried.
    package static func diagnosis(failing configuration: Finding) -> Diagnosis {
        var diagnosis = Diagnosis([configuration])
        for id in StepID.allCases where id != configuration.step {
            if let obstacle = diagnosis.obstacle(to: id) { diagnosis.findings.append(obstacle) }
        }
        return diagnosis
    }

    private var steps: [any DoctorStep] {
        [
            NameStep(upstream: .issuer), ConnectionStep(upstream: .issuer), TrustStep(upstream: .issuer),
            NameStep(upstream: .graph), ConnectionStep(upstream: .graph), TrustStep(upstream: .graph),
            ClockStep(), AccessTokenStep(), AudienceStep(), PermissionStep(), ProfilesStep(), ProfileStep(),
            CreationStep(),
        ]
    }
}

extension Diagnosis {
    /// Why the step is not tried; nil when it can be. Of what it needs the first that failed itself is named, not one that
    /// was not tried either.
    fileprivate func obstacle(to step: StepID) -> Finding? {
        let results = Dictionary(findings.map { ($0.step, $0.result) }) { first, _ in first }
        let blocked = needs(of: step).filter { results[$0]?.allowsMore == false }
        guard !blocked.isEmpty else { return nil }
        var names: [String] = []
        for root in blocked.flatMap({ root(of: $0, results) }) where !names.contains(title(of: root)) {
            names.append(title(of: root))
        }
        return Finding(step, .notTried, "not tried: needs \(names.map { "\"\($0)\"" }.joined(separator: ", "))")
    }

    private func root(of step: StepID, _ results: [StepID: Finding.Result]) -> [StepID] {
        guard results[step] == .notTried else { return [step] }
        return needs(of: step).filter { results[$0]?.allowsMore == false }.flatMap { root(of: $0, results) }
    }
}
