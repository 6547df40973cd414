package import CurlTransport
package import Entra
package import Transport

/// What the doctor works with.
package struct DoctorTools: Sendable {
    package var transport: any HTTPTransport
    package var probe: any UpstreamProbe
    package var grants: any TokenGrantSource
    package var clock: any MonotonicClock
    /// This machine's time of day.
    package var wallClock: @Sendable () -> Timestamp

    package init(
        transport: any HTTPTransport,
        probe: any UpstreamProbe,
        grants: any TokenGrantSource,
        clock: any MonotonicClock = ContinuousClock(),
        wallClock: @escaping @Sendable () -> Timestamp = { .now }
    ) {
        self.transport = transport
        self.probe = probe
        self.grants = grants
        self.clock = clock
        self.wallClock = wallClock
    }
}

/// Looks at the way to an upstream: see ``ConnectionProbe``.
package protocol UpstreamProbe: Sendable {
    func hop(toward url: UpstreamURL) -> UpstreamURL
    func usesProxy(for url: UpstreamURL) -> Bool
    func addresses(toward url: UpstreamURL) async -> Result<[HostAddress], HostLookupError>
    func connect(to url: UpstreamURL, at addresses: [HostAddress]) async -> ConnectionFindings
}

extension ConnectionProbe: UpstreamProbe {}
