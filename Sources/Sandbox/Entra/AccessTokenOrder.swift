/// What an access token is to say.
struct AccessTokenOrder: Sendable {
    /// Whom it speaks for.
    struct Principal: Sendable, Equatable {
        var name: String
        var clientID: String
        var objectID: String
        /// The resource in Azure that is a user-assigned managed identity.
        var resourceID: String?

        static func application(_ tenant: SandboxTenant) -> Self {
            .init(name: "Enrollment gateway", clientID: tenant.clientID, objectID: tenant.servicePrincipalID)
        }
    }

    /// The resource that it is for.
    var audience: String
    var principal: Principal
    /// How the principal proved that it is itself.
    var method: ClientAuthentication.Method
    /// In seconds.
    var lifetime: Int
    /// What the client said that it can do: `cp1` if it answers claims challenges.
    var capabilities: [String] = []
    /// The moment from which the client was told to bring a token, in seconds since 1970.
    var notBefore: Int64?
}
