package import Transport

/// Looks at the way to an upstream, as far as it goes without asking for anything: name, connection, TLS.
///
/// Everything goes by libcurl with the options of real requests, so that names, proxy and trust are theirs. Each look is made
/// on a thread and a connection of its own; no access token and no other secret is anywhere near.
package struct ConnectionProbe: Sendable {
    /// How long a lookup may take.
    package static let lookupLimit = Duration.seconds(5)
    /// How long connecting may take: its three looks, each with a third of it.
    package static let connectLimit = Duration.seconds(15)

    private let configuration: CurlConfiguration
    private let lookupLimit: Duration

    /// - Throws: ``CurlTransportError`` as ``CurlTransport`` does.
    package init(
        configuration: CurlConfiguration,
        lookupLimit: Duration = Self.lookupLimit
    ) throws(CurlTransportError) {
        try CurlTransport.checkEnvironment(configuration)
        self.configuration = configuration
        self.lookupLimit = lookupLimit
    }

    /// Where the connection for `url` goes: the proxy, where there is one.
    package func hop(toward url: UpstreamURL) -> UpstreamURL { configuration.hop(toward: url) }

    /// Whether `url` is reached through a proxy.
    package func usesProxy(for url: UpstreamURL) -> Bool { configuration.proxy(for: url) != nil }

    /// The addresses of the host that is connected to, in the resolver's order of preference. One that is an address itself is
    /// its own.
    package func addresses(toward url: UpstreamURL) async -> Result<[HostAddress], HostLookupError> {
        let host = hop(toward: url).host
        let bare = host.hasPrefix("[") ? String(host.dropFirst().dropLast()) : host
        if let address = HostAddress(bare) { return .success([address]) }
        let lookup = configuration.lookup
        let answer = await ThreadAnswer.first(within: lookupLimit) { lookup(host) }
        switch answer {
        case .success(let addresses)?: return .success(addresses)
        case .failure(let error)?: return .failure(error)
        case nil: return .failure(HostLookupError(detail: "no answer within \(lookupLimit)"))
        }
    }

    /// Connects to `url`, by TLS where it is https, and closes the connection again. Nothing is asked.
    ///
    /// - Parameter addresses: what ``addresses(toward:)`` found.
    package func connect(to url: UpstreamURL, at addresses: [HostAddress]) async -> ConnectionFindings {
        let configuration = configuration
        let found = await ThreadAnswer.first(within: Self.connectLimit + .seconds(2)) {
            () -> Result<ConnectionFindings, TransportError> in
            Result { () throws(TransportError) in
                try ProbingHandle.findings(of: url, at: addresses, configuration: configuration)
            }
        }
        switch found {
        case .success(let findings)?: return findings
        case .failure(let error)?: return ConnectionFindings(failure: .init(.connecting, error.detail))
        case nil: return ConnectionFindings(failure: .init(.connecting, "no answer in time"))
        }
    }
}
