import Entra
import Explanations
import Graph
import Transport

/// One real `createToken`, by the code that serves callers: a role in the token does not prove that Intune lets the app do it.
struct CreationStep: DoctorStep {
    let id = StepID.creation

    func announcement(_ file: CaseFile) -> String? {
        guard file.subject.creates, let profile = file.subject.profile else { return nil }
        return
            "Now one enrollment token is made on the profile \(profile), valid for \(file.subject.validityInSeconds) s. It replaces the one that the profile shows. Once begun it is finished, Control-C or not, so that its outcome is known."
    }

    func examine(_ file: inout CaseFile) async -> Finding {
        guard file.subject.creates, let profile = file.subject.profile else {
            return Finding(id, .notNeeded, "not asked for; --create makes one real enrollment token")
        }
        guard let token = file.token else { return Finding(id, .failed, "there is no access token") }
        let tokens = EnrollmentTokens(
            configuration: file.subject.graph,
            transport: file.tools.transport,
            tokens: HeldAccessToken(token: token),
            clock: file.tools.clock,
            wallClock: file.tools.wallClock
        )
        do throws(GraphError) {
            let created = try await tokens.create(
                on: ProfileReference(kind: file.subject.kind, id: profile),
                validityInSeconds: file.subject.validityInSeconds
            )
            var finding = Finding(
                id,
                .passed,
                "made an enrollment token that is valid until \(created.expiresAt.rfc3339)"
            )
            if created.evidence == .readBack { finding.summary += "; its answer was lost, the profile shows it" }
            finding.note("request id", created.graphRequestID)
            return finding
        } catch {
            return failure(error, file)
        }
    }

    private func failure(_ error: GraphError, _ file: CaseFile) -> Finding {
        let outcome = error.outcome == .unknown ? "whether a token was made is unknown" : "no token was made"
        var finding = Finding(id, .failed, "\(error.words); \(outcome)")
        if let fault = error.fault { finding.note(fault) }
        finding.note("detail", error.transportError?.detail)
        finding.advice = [advice(error, file)].compactMap { $0 }
        return finding
    }

    private func advice(_ error: GraphError, _ file: CaseFile) -> Advice? {
        switch error.kind {
        case .forbidden where file.permission.isGranted:
            return Advice(
                "The role is in the token and reading works, and still Intune denies createToken to the app. That is Intune's own doing: it was reported for app-only access in 2020, and reading cannot show it.",
                .microsoft,
                "See that the tenant has an active Intune licence and is connected to Managed Google Play (Intune admin center > Devices > Enrollment > Android). Then open a support case with Microsoft, quoting request id and activity id."
            )
        case .credential(let error): return error.explanation.map(Advice.init)
        case .outcomeUnknown: return Explanations.find("outcome-unknown", in: .gateway).map(Advice.init)
        default: break
        }
        if let advice = error.fault?.advice { return advice }
        if let kind = error.transportError?.kind { return kind.advice }
        return Explanations.find("graph-failed", in: .gateway).map(Advice.init)
    }
}

extension GraphError {
    /// What happened, in a few words.
    fileprivate var words: String {
        if let fault { return "Graph answered \(fault.status)\(fault.code.map { " \($0)" } ?? "")" }
        if let transportError { return "Graph did not answer (\(transportError.kind.rawValue))" }
        return switch kind {
        case .outcomeUnknown: "Graph's answer was lost"
        case .timedOut: "there was no time left"
        default: "it could not be sent"
        }
    }
}

/// The one access token of this examination. There is no other to be had: what Graph says of it is the finding.
private struct HeldAccessToken: AccessTokenSource {
    let token: AccessToken

    func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken { token }
    func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async {}
    func renewAfterForbidden(_ token: AccessToken) async {}
}
