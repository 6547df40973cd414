import HTTPTypes
import NIOCore
package import Transport

/// Entra's v2.0 token endpoint: one request by the client credentials grant (RFC 6749 §4.4) and its answer.
///
/// It keeps no state and repeats nothing; ``TokenCache`` decides when to ask.
package struct TokenEndpoint: TokenGrantSource {
    /// How long one request may take, however long its callers would wait.
    package static let defaultTimeLimit: Duration = .seconds(10)
    /// The answer's largest body. A real one has some 2 KiB.
    package static let maximumAnswerBytes = 256 << 10

    private let configuration: EntraConfiguration
    private let transport: any HTTPTransport
    private let clock: any MonotonicClock
    private let timeLimit: Duration

    package init(
        configuration: EntraConfiguration,
        transport: any HTTPTransport,
        clock: any MonotonicClock,
        timeLimit: Duration = TokenEndpoint.defaultTimeLimit
    ) {
        self.configuration = configuration
        self.transport = transport
        self.clock = clock
        self.timeLimit = timeLimit
    }

    package func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
        let request = try await request(claims: claims)
        let response: UpstreamResponse
        do throws(TransportError) {
            response = try await transport.execute(request)
        } catch {
            throw EntraError(error)
        }
        guard response.status == .ok else { throw EntraError(unsuccessful: response) }
        return try TokenGrant(response.body)
    }

    private func request(claims: ClaimsChallenge?) async throws(EntraError) -> UpstreamRequest {
        var form = TokenForm()
        form.append("client_id", configuration.client.description)
        form.append("scope", configuration.scope.description)
        form.append("grant_type", "client_credentials")
        if let claims { form.append("claims", claims.json) }
        try await configuration.credential.authenticate(&form)
        return UpstreamRequest(
            method: .post,
            url: configuration.tokenURL,
            fields: [
                .contentType: "application/x-www-form-urlencoded",
                .accept: "application/json",
                .clientRequestID: GUID.random().description,
            ],
            body: form.body,
            // A second token does no harm.
            repetition: .harmless,
            deadline: clock.now.advanced(by: timeLimit),
            maximumResponseBytes: Self.maximumAnswerBytes
        )
    }
}

extension HTTPField.Name {
    /// Entra answers it as `correlation_id` and keeps it in its sign-in log.
    fileprivate static let clientRequestID = HTTPField.Name("client-request-id")!
}
