import Settings
import Transport

extension ManagedIdentity {
    private static let endpointSetting = "IDENTITY_ENDPOINT"
    private static let headerSetting = "IDENTITY_HEADER"

    /// Whether a platform says that it has one. A virtual machine does not say so: there it has to be chosen.
    static func isOffered(_ settings: SettingsReader) -> Bool {
        settings.isGiven(endpointSetting) || (settings.isGiven("MSI_ENDPOINT") && settings.isGiven("MSI_SECRET"))
    }

    /// Reads what the platform says.
    ///
    /// - Returns: `nil` when it is not one of those that are supported, or says half of it, which is then noted in `settings`.
    init?(_ settings: SettingsReader, _ choice: CredentialChoice) {
        if !choice.isExplicit, settings.isGiven("AZURE_TENANT_ID") {
            // A managed identity needs none: somebody meant an app registration, and its credential is missing.
            settings.report(
                "AZURE_TENANT_ID",
                "it is set, but no credential of an app registration is, and a managed identity needs no tenant",
                fix: "Give the credential, or set AZURE_CREDENTIAL=managed-identity if that is meant"
            )
        }
        var client: ClientID?
        if let text = settings.text("AZURE_CLIENT_ID") {
            do {
                client = try ClientID(text)
            } catch {
                settings.report(
                    "AZURE_CLIENT_ID",
                    error.rawValue,
                    fix: "Copy the client id of the user-assigned identity"
                )
            }
        }
        if let tenant = settings.text("AZURE_TENANT_ID"), (try? TenantID(tenant)) == nil {
            settings.report("AZURE_TENANT_ID", EntraConfigurationError.tenant.rawValue, fix: "Leave it out")
        }
        guard Self.isSupported(settings), let host = Self.host(settings) else { return nil }
        self.init(host: host, client: client)
    }

    private static func isSupported(_ settings: SettingsReader) -> Bool {
        let hasEndpoint = settings.isGiven(endpointSetting)
        let hasHeader = settings.isGiven(headerSetting)
        let platform: (name: String, says: String)? =
            if hasEndpoint, hasHeader, settings.isGiven("IDENTITY_SERVER_THUMBPRINT") {
                ("Service Fabric", "IDENTITY_SERVER_THUMBPRINT")
            } else if hasEndpoint, hasHeader {
                nil
            } else if settings.isGiven("MSI_ENDPOINT"), settings.isGiven("MSI_SECRET") {
                ("Azure Machine Learning", "MSI_ENDPOINT")
            } else if hasEndpoint, settings.isGiven("IMDS_ENDPOINT") {
                ("Azure Arc", "IMDS_ENDPOINT")
            } else {
                nil
            }
        guard let platform else { return true }
        settings.report(
            platform.says,
            "the managed identity of \(platform.name) is not supported",
            fix: "Use a certificate, or a client secret, or workload identity"
        )
        return false
    }

    private static func host(_ settings: SettingsReader) -> Host? {
        let hasHeader = settings.isGiven(headerSetting)
        if settings.isGiven(endpointSetting) {
            guard hasHeader else {
                settings.report(
                    headerSetting,
                    "it is not set, but \(endpointSetting) is",
                    fix: "Pass on both of the platform's variables"
                )
                return nil
            }
            let endpoint = settings.upstreamURL(endpointSetting, allowingPlainHTTP: true)
            let header = settings.secret(headerSetting)
            guard let header, header.isFieldValue else {
                if header != nil {
                    settings.report(
                        headerSetting,
                        "it cannot stand in a header",
                        fix: "Pass it on as the platform set it"
                    )
                }
                return nil
            }
            return endpoint.map { .appService($0, header: header) }
        }
        if hasHeader {
            settings.report(
                endpointSetting,
                "it is not set, but \(headerSetting) is",
                fix: "Pass on both of the platform's variables"
            )
            return nil
        }
        guard settings.isGiven(Self.addressSetting) else { return .instanceMetadata(instanceMetadata) }
        return settings.upstreamURL(Self.addressSetting, scheme: "http", allowingPlainHTTP: true)
            .map(Host.instanceMetadata)
    }

    private static let addressSetting = "AZURE_POD_IDENTITY_AUTHORITY_HOST"
}

extension Secret {
    /// RFC 9110 §5.5, without the blanks.
    fileprivate var isFieldValue: Bool { reveal { $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } } }
}
