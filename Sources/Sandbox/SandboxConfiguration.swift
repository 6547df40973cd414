package import Settings

/// What a sandbox listens on and whom it knows.
package struct SandboxConfiguration: Sendable {
    /// Requests that change something, in any stretch of time (Graph's limit for "Intune android for work").
    package struct Throttling: Sendable, Hashable {
        package var writes: Int
        package var seconds: Int

        package init(writes: Int, seconds: Int) {
            self.writes = writes
            self.seconds = seconds
        }

        /// What Microsoft publishes for one app in one tenant: 100 writes in 20 seconds.
        package static let published = Throttling(writes: 100, seconds: 20)
    }

    package static let defaultTenantID = "11111111-1111-4111-8111-111111111111"
    package static let defaultClientID = "22222222-2222-4222-8222-222222222222"
    /// Known to everybody: it opens nothing but a sandbox.
    package static let defaultClientSecret = "sandbox-only-secret"
    /// As little a secret as ``defaultClientSecret``.
    package static let defaultIdentityHeader = "sandbox-identity-header"
    /// The app role that `createToken` and `revokeToken` need.
    package static let writeRole = "DeviceManagementConfiguration.ReadWrite.All"
    /// The app role that suffices for reading.
    package static let readRole = "DeviceManagementConfiguration.Read.All"

    /// In seconds: up to an hour, as faults may delay.
    static let readLags = 0...3600

    /// The address to listen on. Default `127.0.0.1`.
    package var host = "127.0.0.1"
    /// Where the certificate of the sandbox's own authority is written, as `ca.pem`; the directory is made if need be. With it
    /// https is spoken, over HTTP/2 and HTTP/1.1. nil, the default: plain http over HTTP/1.1, on loopback addresses only.
    package var tlsDirectory: String?
    /// Further names under which clients come, for the certificate; `localhost`, the loopback addresses and ``host`` are in
    /// it anyway. Default: none.
    package var names: [String] = []
    /// 0, the default, takes any free port.
    package var port = 0
    /// The directory's GUID. Default ``defaultTenantID``.
    package var tenantID = defaultTenantID
    /// The app registration's GUID. Default ``defaultClientID``.
    package var clientID = defaultClientID
    /// Default ``defaultClientSecret``.
    package var clientSecret = Secret(defaultClientSecret)
    /// The certificates that are registered for the app. Default: none.
    package var certificates: [RegisteredCertificate] = []
    /// Whose tokens stand for the app. Default: the sandbox's own issuer, with the subject and the audience that
    /// ``FederatedCredential`` names.
    package var federatedCredentials = [FederatedCredential()]
    /// The identities of the machine that the sandbox is, for the endpoints of managed identities. Default:
    /// ``ManagedIdentity/systemAssigned`` and ``ManagedIdentity/userAssigned``.
    package var managedIdentities = [ManagedIdentity.systemAssigned, .userAssigned]
    /// What App Service puts into `IDENTITY_HEADER`. Default ``defaultIdentityHeader``.
    package var identityHeader = Secret(defaultIdentityHeader)
    /// The app roles that an administrator consented to. Default: ``writeRole``.
    package var roles = [writeRole]
    /// How long an access token lives, in seconds. Default 3600.
    package var accessTokenLifetime = 3600
    /// How long Graph's reads lag behind a change of a profile's token, in seconds. Default 0.
    package var readLag = 0
    /// Default ``SandboxProfile/samples``.
    package var profiles = SandboxProfile.samples
    /// nil switches it off. Default ``Throttling/published``.
    package var throttling: Throttling? = .published

    package init() {}

    /// - Throws: ``SandboxError/invalidConfiguration(_:)`` or ``SandboxError/insecureHost(_:)``.
    package func validate() throws(SandboxError) {
        guard tlsDirectory != nil || Self.isLoopback(host) else { throw .insecureHost(host) }
        guard tlsDirectory?.isEmpty != true else { throw .invalidConfiguration("the TLS directory has no name") }
        for name in [host] + names where HostName(name) == nil {
            throw .invalidConfiguration("\"\(name)\" is not the name or the address of a host")
        }
        guard (0...65535).contains(port) else { throw .invalidConfiguration("the port \(port) is not in 0...65535") }
        for (name, id) in [("tenant", tenantID), ("client", clientID)] where !SandboxProfile.isGUID(id) {
            throw .invalidConfiguration("the \(name) id \"\(id)\" is not a GUID")
        }
        guard !clientSecret.isEmpty else { throw .invalidConfiguration("the client secret is empty") }
        guard (1...86_400).contains(accessTokenLifetime) else {
            throw .invalidConfiguration("the access token lifetime \(accessTokenLifetime) is not in 1...86400 seconds")
        }
        guard Self.readLags.contains(readLag) else {
            throw .invalidConfiguration("the read lag \(readLag) is not in 0...\(Self.readLags.upperBound) seconds")
        }
        if let throttling, throttling.writes < 1 || throttling.seconds < 1 {
            throw .invalidConfiguration("throttling needs at least one write and one second")
        }
        var seen: Set<String> = []
        for profile in profiles where !seen.insert(profile.id).inserted {
            throw .invalidConfiguration("two profiles have the id \(profile.id)")
        }
    }

    /// Where a sandbox with this configuration is found from its own machine. Port 0 stays 0.
    package var localAddress: SandboxAddress {
        SandboxAddress(
            scheme: tlsDirectory == nil ? "http" : "https",
            host: Self.isWildcard(host) ? "localhost" : host,
            port: port,
            certificatePath: tlsDirectory.map(CertificateFile.path(in:))
        )
    }

    /// The name to announce: an address that stands for all of the machine's leads nowhere.
    var announcedHost: String { Self.isWildcard(host) ? names.first ?? "localhost" : host }

    /// All names under which the sandbox is known to be found.
    var hostNames: [HostName] {
        var found: [HostName] = []
        for name in [announcedHost] + names + ["localhost", "127.0.0.1", "::1"] {
            if let name = HostName(name), !found.contains(name) { found.append(name) }
        }
        return found
    }

    private static func isWildcard(_ host: String) -> Bool { HostName(host)?.isWildcard ?? false }

    private static func isLoopback(_ host: String) -> Bool {
        if host.lowercased() == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}
