package import Settings

/// The one directory of the sandbox, with its one app registration.
package struct SandboxTenant: Sendable {
    package let id: String
    package let clientID: String
    package var clientSecret: Secret
    /// The certificates that are registered for the app.
    package var certificates: [RegisteredCertificate]
    /// Whose tokens stand for the app.
    package var federatedCredentials: [FederatedCredential]
    /// The app roles with an administrator's consent: what the next access token carries.
    package var roles: [String]

    init(_ configuration: SandboxConfiguration) {
        id = configuration.tenantID.lowercased()
        clientID = configuration.clientID.lowercased()
        clientSecret = configuration.clientSecret
        certificates = configuration.certificates
        federatedCredentials = configuration.federatedCredentials
        roles = configuration.roles
    }

    /// The object id of the app's service principal: in a sandbox, the client id with its last group turned round.
    var servicePrincipalID: String { String(clientID.prefix(24)) + String(clientID.suffix(12).reversed()) }
}
