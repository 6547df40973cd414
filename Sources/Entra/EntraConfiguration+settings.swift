package import Settings
package import Transport

extension EntraConfiguration {
    /// The authority of the global cloud.
    package static let globalAuthority = try! UpstreamURL("https://login.microsoftonline.com")

    /// The settings that belong to a tenant's credential, so that a sandbox can refuse to start beside them.
    package static let credentialSettings = ["AZURE_TENANT_ID", "AZURE_CLIENT_ID", "AZURE_CLIENT_SECRET"]

    /// Reads `AZURE_TENANT_ID`, `AZURE_CLIENT_ID`, `AZURE_CLIENT_SECRET` and `AZURE_AUTHORITY_HOST`.
    ///
    /// - Parameter graphRoot: where the access tokens will be used; the scope follows from it.
    /// - Returns: `nil` when something is missing or wrong, which is then noted in `settings`.
    package init?(_ settings: SettingsReader, graphRoot: UpstreamURL) {
        let authority = settings.upstreamURL("AZURE_AUTHORITY_HOST", scheme: "https") ?? Self.globalAuthority
        if !authority.path.isEmpty || authority.query != nil {
            settings.report(
                "AZURE_AUTHORITY_HOST",
                "it has a path or a query",
                fix: "Give the host alone; the tenant is added to it"
            )
        }
        let tenant = settings.checked("AZURE_TENANT_ID", TenantID.init)
        let client = settings.checked("AZURE_CLIENT_ID", ClientID.init)
        let secret = settings.secret("AZURE_CLIENT_SECRET")
        if secret == nil, !settings.isGiven("AZURE_CLIENT_SECRET") { settings.reportMissing("AZURE_CLIENT_SECRET") }
        guard let tenant, let client, let secret else { return nil }
        self.init(
            authority: authority,
            tenant: tenant,
            client: client,
            scope: TokenScope(graphRoot: graphRoot),
            credential: ClientSecretCredential(secret)
        )
    }
}

extension SettingsReader {
    fileprivate func checked<Value>(
        _ name: String,
        _ check: (String) throws(EntraConfigurationError) -> Value
    ) -> Value? {
        guard let text = text(name) else {
            reportMissing(name)
            return nil
        }
        do {
            return try check(text)
        } catch {
            report(name, error.rawValue, fix: "Copy it from the app registration's overview page")
            return nil
        }
    }

    fileprivate func reportMissing(_ name: String) {
        report(name, "it is not set", fix: "Set it, or start with --sandbox to try the gateway without a tenant")
    }
}
