import Settings

/// Which credential is meant: the one that `AZURE_CREDENTIAL` names, or the one that is given.
///
/// In azure-identity's order: secret or certificate, then workload identity, then managed identity. The variables of the last two
/// are put there by a platform (AKS's webhook, App Service), often for the sake of something else. So they are no second
/// credential beside a secret or a certificate; these two beside each other are.
struct CredentialChoice {
    /// `nil` when there is none, or when it is not clear which, which has been noted.
    let kind: CredentialKind?
    /// Whether `AZURE_CREDENTIAL` names it.
    let isExplicit: Bool

    static let setting = "AZURE_CREDENTIAL"
    private static let secret = "AZURE_CLIENT_SECRET"

    init(_ settings: SettingsReader) {
        // Each is asked for, so that each is known as a flag.
        let hasSecret = settings.isGiven(Self.secret)
        let hasCertificate = settings.isGiven(ClientCertificateFile.setting)
        let hasToken = settings.isGiven(FederatedTokenFile.setting)
        let hasPassword = settings.isGiven(ClientCertificateFile.passwordSetting)
        _ = settings.isGiven("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN")
        _ = settings.isGiven("AZURE_CLIENT_SECRET_EXPIRES_ON")
        if let text = settings.text(Self.setting) {
            isExplicit = true
            kind = CredentialKind(rawValue: text)
            if kind == nil { _ = settings.choice(Self.setting, default: CredentialKind.clientSecret) }
            return
        }
        isExplicit = false
        if hasSecret, hasCertificate {
            kind = nil
            settings.report(
                Self.setting,
                "\(Self.secret) and \(ClientCertificateFile.setting) are both given, and it is not set to say which counts",
                fix: "Set it to client-secret or client-certificate, or leave one of the two out"
            )
        } else if hasSecret {
            kind = .clientSecret
        } else if hasCertificate || hasPassword {
            kind = .clientCertificate
        } else if hasToken {
            kind = .workloadIdentity
        } else if ManagedIdentity.isOffered(settings) {
            kind = .managedIdentity
        } else {
            kind = nil
            settings.report(
                Self.secret,
                "it is not set, and neither is another credential",
                fix: """
                    Set it, or one of \(ClientCertificateFile.setting), \(FederatedTokenFile.setting) and \
                    \(Self.setting)=managed-identity, or start with --sandbox to try the gateway without a tenant
                    """
            )
        }
    }

    /// What belongs to other credentials and is given too.
    func unused(_ settings: SettingsReader) -> [String] {
        let owners: [(name: String, kind: CredentialKind)] = [
            (Self.secret, .clientSecret), ("AZURE_CLIENT_SECRET_EXPIRES_ON", .clientSecret),
            (ClientCertificateFile.setting, .clientCertificate),
            (ClientCertificateFile.passwordSetting, .clientCertificate),
            (FederatedTokenFile.setting, .workloadIdentity),
        ]
        return owners.filter { $0.kind != kind && settings.isGiven($0.name) }.map(\.name)
    }
}
