import Entra
import Explanations

/// Whether the access token's roles allow `createToken`.
struct PermissionStep: DoctorStep {
    let id = StepID.permission

    func examine(_ file: inout CaseFile) async -> Finding {
        let facts = file.token.flatMap { AccessTokenFacts($0.value) }
        file.permission = TokenPermission(facts)
        switch file.permission {
        case .sufficient:
            return Finding(id, .passed, TokenPermission.required)
        case .excessive(let others):
            var finding = Finding(id, .warned, "\(TokenPermission.required), and others that are not needed")
            finding.note("not needed", others.joined(separator: ", "))
            finding.advice = advice("permission-excessive")
            return finding
        case .missing:
            var finding = Finding(id, .failed, "the token lacks the role \(TokenPermission.required)")
            let roles = facts?.roles.prefix(8).filter(\.isPermissionName) ?? []
            finding.note("roles it has", roles.isEmpty ? "none" : roles.joined(separator: ", "))
            finding.advice = file.subject.issuer.isManagedIdentity ? [Self.grantByScript] : advice("permission-missing")
            return finding
        case .unreadable:
            return Finding(id, .notNeeded, "the token does not show its roles; Graph's answer tells")
        }
    }

    private func advice(_ code: String) -> [Advice] {
        [Explanations.find(code, in: .readiness)].compactMap { $0 }.map(Advice.init)
    }

    /// The portal has no page for a managed identity's permissions.
    private static let grantByScript = Advice(
        "The managed identity was not granted the permission, or was so recently that the platform still hands out an older token: it may keep one for a day.",
        .entraAdministrator,
        "Grant the app role \(TokenPermission.required) of Microsoft Graph to the identity's service principal, which is done by script: `az rest --method post --url https://graph.microsoft.com/v1.0/servicePrincipals/PRINCIPAL/appRoleAssignments` with principalId, resourceId and appRoleId."
    )
}

extension DoctorSubject.Issuer {
    fileprivate var isManagedIdentity: Bool { if case .managedIdentity = self { true } else { false } }
}

extension String {
    /// Fit to be shown.
    fileprivate var isPermissionName: Bool {
        utf8.count <= 80
            && utf8.allSatisfy { ($0 >= 0x30 && $0 <= 0x39) || ($0 | 0x20 >= 0x61 && $0 | 0x20 <= 0x7A) || $0 == 0x2E }
    }
}
