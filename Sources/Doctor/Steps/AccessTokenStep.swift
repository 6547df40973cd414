import Entra
import Explanations
import Transport

/// One access token by the configured credential.
struct AccessTokenStep: DoctorStep {
    let id = StepID.accessToken

    func examine(_ file: inout CaseFile) async -> Finding {
        let name = file.subject.issuer.name
        let asked = file.tools.clock.now
        do throws(EntraError) {
            let grant = try await file.tools.grants.requestGrant(claims: nil)
            file.token = AccessToken(
                serial: 1,
                value: grant.value,
                obtainedAt: asked,
                expiresAt: asked.advanced(by: grant.lifetime)
            )
            return Finding(id, .passed, "by \(file.subject.credential), valid for \(grant.lifetime.shown)")
        } catch {
            return failure(error, name, file)
        }
    }

    private func failure(_ error: EntraError, _ name: String, _ file: CaseFile) -> Finding {
        let code = error.aadsts.map { ": AADSTS\($0)" } ?? " (\(error.reason.rawValue))"
        var finding = Finding(id, .failed, "\(name) gives no access token\(code)")
        finding.note("shown to it", file.subject.credential)
        finding.note("reason", error.reason.rawValue)
        finding.note("OAuth error", error.oauthError)
        finding.note("detail", error.detail)
        finding.note("asks to wait", error.retryAfter?.shown)
        finding.note("trace id", error.traceID)
        finding.note("correlation id", error.correlationID)
        finding.advice = [error.explanation].compactMap { $0 }.map(Advice.init)
        return finding
    }
}
