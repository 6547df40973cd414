/// The ways in which the gateway can get access tokens; each raw value is one of `AZURE_CREDENTIAL`.
package enum CredentialKind: String, Sendable, CaseIterable {
    case clientSecret = "client-secret"
    case clientCertificate = "client-certificate"
    case workloadIdentity = "workload-identity"
    case managedIdentity = "managed-identity"
}
