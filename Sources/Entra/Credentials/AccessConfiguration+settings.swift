package import Settings
package import Transport

extension AccessConfiguration {
    /// The settings that belong to a tenant's credential, so that a sandbox can refuse to start beside them.
    package static let credentialSettings = [
        "AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET", "AZURE_CLIENT_SECRET_EXPIRES_ON",
        "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_CLIENT_CERTIFICATE_PASSWORD", "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN",
        "AZURE_FEDERATED_TOKEN_FILE", "AZURE_CREDENTIAL", "AZURE_CLAIMS_CHALLENGES", "AZURE_AUTHORITY_HOST",
    ]

    /// Reads every setting that begins with `AZURE_`, and those by which a platform offers a managed identity; files are read
    /// and checked.
    ///
    /// - Parameters:
    ///   - graphRoot: where the access tokens will be used; the scope follows from it.
    ///   - cloud: as `GRAPH_CLOUD` says.
    /// - Returns: `nil` when something is missing or wrong, which is then noted in `settings`.
    package init?(_ settings: SettingsReader, graphRoot: UpstreamURL, cloud: Cloud, at now: Timestamp = .now) {
        let authority = Self.authority(settings, cloud: cloud)
        Cloud.check(authority: authority, graph: graphRoot, chosen: cloud, in: settings)
        let answersChallenges = settings.flag("AZURE_CLAIMS_CHALLENGES", default: false)
        let choice = CredentialChoice(settings)
        guard let means = Self.means(settings, choice, at: now) else { return nil }
        self.init(
            authority: authority,
            scope: TokenScope(graphRoot: graphRoot),
            means: means,
            answersClaimsChallenges: answersChallenges && choice.kind != .managedIdentity,
            unused: choice.unused(settings)
        )
    }

    private static func authority(_ settings: SettingsReader, cloud: Cloud) -> UpstreamURL {
        let authority = settings.upstreamURL("AZURE_AUTHORITY_HOST", scheme: "https") ?? cloud.authority
        if !authority.path.isEmpty || authority.query != nil {
            settings.report(
                "AZURE_AUTHORITY_HOST",
                "it has a path or a query",
                fix: "Give the host alone; the tenant is added to it"
            )
        }
        return authority
    }

    private static func means(_ settings: SettingsReader, _ choice: CredentialChoice, at now: Timestamp) -> Means? {
        if choice.kind == .managedIdentity { return ManagedIdentity(settings, choice).map(Means.managedIdentity) }
        let tenant = settings.checked("AZURE_TENANT_ID", TenantID.init)
        let client = settings.checked("AZURE_CLIENT_ID", ClientID.init)
        let application = tenant.flatMap { tenant in client.map { Application(tenant: tenant, client: $0) } }
        switch choice.kind {
        case .clientSecret, nil:
            let stored = choice.kind == nil ? nil : settings.storedSecret(at: now)
            return stored.flatMap { stored in application.map { .stored(stored, $0) } }
        case .clientCertificate:
            let stored = settings.storedCertificate(at: now)
            return stored.flatMap { stored in application.map { .stored(stored, $0) } }
        case .workloadIdentity:
            let file = settings.federatedTokenFile()
            return file.flatMap { file in application.map { .workloadIdentity(file, $0) } }
        case .managedIdentity:
            return nil
        }
    }
}

extension SettingsReader {
    fileprivate func checked<Value>(
        _ name: String,
        _ check: (String) throws(EntraConfigurationError) -> Value
    ) -> Value? {
        guard let text = text(name) else {
            report(name, "it is not set", fix: "Set it, or start with --sandbox to try the gateway without a tenant")
            return nil
        }
        do {
            return try check(text)
        } catch {
            report(name, error.rawValue, fix: "Copy it from the app registration's overview page")
            return nil
        }
    }

    fileprivate func storedSecret(at now: Timestamp) -> StoredCredential? {
        let end = date("AZURE_CLIENT_SECRET_EXPIRES_ON")
        guard let source = secretSource("AZURE_CLIENT_SECRET") else {
            if !isGiven("AZURE_CLIENT_SECRET") {
                report("AZURE_CLIENT_SECRET", "it is not set", fix: "Set it, or choose another AZURE_CREDENTIAL")
            }
            return nil
        }
        return noting { () throws(SettingsProblem) in try StoredCredential(secret: source, endsAt: end, at: now) }
    }

    fileprivate func storedCertificate(at now: Timestamp) -> StoredCredential? {
        let sendsChain = flag("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", default: false)
        let password = secretSource(ClientCertificateFile.passwordSetting)
        guard let path = text(ClientCertificateFile.setting) else {
            report(
                ClientCertificateFile.setting,
                "it is not set",
                fix: "Name the file of the certificate and its private key"
            )
            return nil
        }
        let file = ClientCertificateFile(path: path, password: password)
        return noting { () throws(SettingsProblem) in
            try StoredCredential(certificate: file, sendsChain: sendsChain, at: now)
        }
    }

    fileprivate func federatedTokenFile() -> FederatedTokenFile? {
        guard let path = text(FederatedTokenFile.setting) else {
            report(
                FederatedTokenFile.setting,
                "it is not set",
                fix: "Name the file into which the platform writes the token"
            )
            return nil
        }
        let file = FederatedTokenFile(path: path)
        return noting { () throws(SettingsProblem) in
            _ = try file.read()
            return file
        }
    }

    /// A day, from whose beginning in UTC it counts, or a point in time.
    private func date(_ name: String) -> Timestamp? {
        guard let text = text(name) else { return nil }
        guard let time = Timestamp(iso8601: text + "T00:00:00Z") ?? Timestamp(iso8601: text) else {
            report(name, "it is not a date", fix: "Give it as 2027-05-31, as the portal shows it")
            return nil
        }
        return time
    }

    private func noting<Value>(_ body: () throws(SettingsProblem) -> Value) -> Value? {
        do throws(SettingsProblem) {
            return try body()
        } catch {
            report(error)
            return nil
        }
    }
}
