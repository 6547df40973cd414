import Settings
package import Transport

/// A managed identity: the platform vouches for the gateway, and there is no secret at all.
package struct ManagedIdentity: Sendable {
    /// Who hands out its tokens.
    enum Host: Sendable {
        /// The instance metadata service of a virtual machine, or of a node of AKS.
        case instanceMetadata(UpstreamURL)
        /// App Service, Functions and Container Apps, which want back the value of `IDENTITY_HEADER`.
        case appService(UpstreamURL, header: Secret)
    }

    /// The address of the instance metadata service, the same on every machine.
    static let instanceMetadata = try! UpstreamURL("http://169.254.169.254", allowingPlainHTTP: true)

    let host: Host
    /// The user-assigned identity; `nil` for the one that is the system's.
    package let client: ClientID?

    /// Where its tokens come from.
    package var endpoint: UpstreamURL {
        switch host {
        case .instanceMetadata(let root): root.appending(path: "/metadata/identity/oauth2/token")
        case .appService(let endpoint, _): endpoint
        }
    }
}
