/// The one directory of the sandbox, with its one app registration.
package struct SandboxTenant: Sendable {
    package let id: String
    package let clientID: String
    /// All of them are good until they end.
    package var clientSecrets: [SandboxClientSecret]
    /// The certificates that are registered for the app.
    package var certificates: [RegisteredCertificate]
    /// Whose tokens stand for the app.
    package var federatedCredentials: [FederatedCredential]
    /// The app roles with an administrator's consent: what the next access token carries.
    package var roles: [String]
    /// How long the next access token lives, in seconds.
    package var accessTokenLifetime: Int
    /// After how many seconds a client is to renew its access token; nil, at the start: Entra says nothing of it.
    package var refreshIn: Int?
    /// When access tokens were revoked; nil: they are good.
    package internal(set) var revocation: TokenRevocation?
    /// Whether the app comes from a place from which it may not use Graph, whatever its access token says.
    package var isLocationBlocked = false
    /// For so many seconds after a change of a profile's token, reads show the profile as it was before; 0: for none.
    package var readLag: Int

    init(_ configuration: SandboxConfiguration) {
        id = configuration.tenantID.lowercased()
        clientID = configuration.clientID.lowercased()
        clientSecrets = [SandboxClientSecret(configuration.clientSecret)]
        certificates = configuration.certificates
        federatedCredentials = configuration.federatedCredentials
        roles = configuration.roles
        accessTokenLifetime = configuration.accessTokenLifetime
        readLag = configuration.readLag
    }

    /// The object id of the app's service principal: in a sandbox, the client id with its last group turned round.
    var servicePrincipalID: String { String(clientID.prefix(24)) + String(clientID.suffix(12).reversed()) }
}
