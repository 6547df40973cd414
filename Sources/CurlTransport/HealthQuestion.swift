package import HTTPTypes
package import Transport

/// One request to a server of this machine, for the health check of a container.
package enum HealthQuestion {
    /// The longest that a check takes.
    package static let timeLimit = Duration.seconds(3)
    private static let largestAnswer = 64 * 1024

    /// The status of the answer to a GET of `url`.
    ///
    /// - Parameter certificateAuthorities: the path of a PEM file of extra trust.
    /// - Throws: ``TransportError`` when no answer comes, ``CurlTransportError`` when nothing can be asked.
    package static func ask(_ url: UpstreamURL, trusting certificateAuthorities: String? = nil) async throws
        -> HTTPResponse.Status
    {
        let transport = try CurlTransport(
            configuration: CurlConfiguration(certificateAuthoritiesPath: certificateAuthorities)
        )
        return try await transport.execute(
            UpstreamRequest(
                method: .get,
                url: url,
                repetition: .harmless,
                deadline: ContinuousClock.now.advanced(by: timeLimit),
                maximumResponseBytes: largestAnswer
            )
        ).status
    }
}
