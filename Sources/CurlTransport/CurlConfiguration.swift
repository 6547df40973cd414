package import Transport

/// What the operator may decide about the connections to the upstreams. Every value has a default.
///
/// There is one budget of time, the request's deadline, which everything ends by: waiting for a turn, name, connection, TLS,
/// sending, answer. Inside it only connecting has a limit of its own, because what was not sent may be tried again. There is
/// none for the first byte of the answer: once the request is out, giving up early would only make its outcome unknown
/// earlier, and whoever sets the deadline keeps time in reserve for that case.
package struct CurlConfiguration: Sendable {
    /// How long name, connection and TLS may take together; the request's deadline may end them earlier. 5 s.
    package var connectTimeout: Duration
    /// Open connections to one host at a time; more transfers wait for one of them. 16.
    package var maximumConnectionsPerHost: Int
    /// Open connections to all hosts at a time, idle ones included. 64.
    package var maximumTotalConnections: Int
    /// A connection that was idle for longer is not used again: the far side may be about to close it. 60 s.
    package var maximumIdleAge: Duration
    /// The same for a request that may be sent once only. 15 s, well below what servers allow: what is sent while the server
    /// closes the connection has an unknown outcome, and a new connection costs far less than reading back. One that was
    /// closed before is noticed by ``OpenSockets``.
    package var maximumIdleAgeForSingleSends: Duration
    /// A connection older than this takes no new transfer, so that changes of name or route are followed. 10 min.
    package var maximumLifetime: Duration
    /// How long the addresses of a name are used before it is looked up again, in the background. 60 s.
    package var nameLifetime: Duration
    /// How long they are used after that while looking up brings nothing, so that a trouble of DNS does not cut off upstreams
    /// whose addresses are known. 10 min.
    package var nameStaleness: Duration
    /// How names are looked up. By the system's resolver.
    package var lookup: HostLookup
    /// A PEM file of extra trust. The system's certificates stay trusted too.
    package var certificateAuthoritiesPath: String?
    /// The only thing that decides on a proxy: the `*_proxy` variables are ignored. Never used for plain http, nor
    /// for loopback and link-local addresses.
    package var proxy: UpstreamURL?
    /// Transfers that libcurl works on at a time. 128: more than Graph's limit for writes lets be under way within a request's
    /// deadline, and no more memory than that takes.
    package var maximumActive: Int
    /// Transfers that wait for one of those to end; more are refused at once as ``TransportError/Kind/overloaded``. 1024.
    package var maximumQueued: Int
    /// The `User-Agent` of requests that bring none (RFC 9110 §10.1.5).
    package var userAgent: String

    package init(
        connectTimeout: Duration = .seconds(5),
        maximumConnectionsPerHost: Int = 16,
        maximumTotalConnections: Int = 64,
        maximumIdleAge: Duration = .seconds(60),
        maximumIdleAgeForSingleSends: Duration = .seconds(15),
        maximumLifetime: Duration = .seconds(600),
        nameLifetime: Duration = .seconds(60),
        nameStaleness: Duration = .seconds(600),
        lookup: @escaping HostLookup = HostAddress.lookup,
        certificateAuthoritiesPath: String? = nil,
        proxy: UpstreamURL? = nil,
        maximumActive: Int = 128,
        maximumQueued: Int = 1024,
        userAgent: String = "enrollment-gateway"
    ) {
        self.connectTimeout = connectTimeout
        self.maximumConnectionsPerHost = maximumConnectionsPerHost
        self.maximumTotalConnections = maximumTotalConnections
        self.maximumIdleAge = maximumIdleAge
        self.maximumIdleAgeForSingleSends = maximumIdleAgeForSingleSends
        self.maximumLifetime = maximumLifetime
        self.nameLifetime = nameLifetime
        self.nameStaleness = nameStaleness
        self.lookup = lookup
        self.certificateAuthoritiesPath = certificateAuthoritiesPath
        self.proxy = proxy
        self.maximumActive = maximumActive
        self.maximumQueued = maximumQueued
        self.userAgent = userAgent
    }
}
