import Entra
import Explanations
import Transport

/// One access token by the configured credential.
struct AccessTokenStep: DoctorStep {
    /// From here on a credential's end is near.
    static let nearEnd = Duration.seconds(30 * 86400)

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
            return granted(grant, file)
        } catch {
            return failure(error, name, file)
        }
    }

    private func granted(_ grant: TokenGrant, _ file: CaseFile) -> Finding {
        let credential = file.subject.credential
        var finding = Finding(id, .passed, "by \(credential), valid for \(grant.lifetime.shown)")
        guard let end = file.subject.credentialEndsAt else { return finding }
        let left = end - file.tools.wallClock()
        guard left > .zero else {
            finding.result = .warned
            finding.summary += "; the \(credential) was to end on \(end.rfc3339), and Entra still takes it"
            finding.advice = [
                Advice(
                    "The date is wrong, or the \(credential) was replaced since.",
                    .operator,
                    "Correct AZURE_CLIENT_SECRET_EXPIRES_ON, and look for the real end: Entra admin center > App registrations > the app > Certificates & secrets."
                )
            ]
            return finding
        }
        finding.summary += "; the \(credential) ends in \(Int(left.seconds / 86400)) days"
        guard left < Self.nearEnd else { return finding }
        finding.result = .warned
        finding.note("ends", end.rfc3339)
        finding.advice = [
            Advice(
                "From then on the gateway gets no access token.",
                .entraAdministrator,
                "Make a new one: Entra admin center > App registrations > the app > Certificates & secrets. Give it to the gateway, and remove the old one afterwards."
            )
        ]
        return finding
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
        finding.advice = [advice(error, file)].compactMap { $0 }
        return finding
    }

    private func advice(_ error: EntraError, _ file: CaseFile) -> Advice? {
        if case .managedIdentity = file.subject.issuer, error.kind == .refused {
            return Advice(
                "The platform has no such identity for this machine or app, or does not know the gateway as running there.",
                .operator,
                "Assign a managed identity to it. With a user-assigned one set AZURE_CLIENT_ID to its client id; with several it must be set. Where the platform sets IDENTITY_ENDPOINT and IDENTITY_HEADER, pass both on as they are."
            )
        }
        return error.explanation.map(Advice.init)
    }
}
