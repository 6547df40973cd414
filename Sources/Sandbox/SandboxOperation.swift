/// What a request to the sandbox is about, as counters and faults tell them apart.
package enum SandboxOperation: String, Sendable, CaseIterable {
    /// Entra's token endpoint.
    case token
    /// The endpoints at which a machine asks for the token of its managed identity.
    case managedIdentity
    /// A collection of profiles, or its count.
    case list
    /// One profile.
    case get
    case createToken
    case revokeToken
    /// Discovery, signing keys, and whatever the sandbox does not know.
    case other
}
