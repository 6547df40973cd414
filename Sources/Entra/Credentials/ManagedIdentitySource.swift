import HTTPTypes
import NIOCore
import Settings
import Traces
import Transport

/// The token endpoint of a managed identity.
///
/// Microsoft's pages "How to use managed identities for Azure resources on an Azure VM to acquire an access token" and "How to
/// use managed identities for App Service". It takes no claims: continuous access evaluation is not for managed identities.
struct ManagedIdentitySource: TokenGrantSource {
    let identity: ManagedIdentity
    let scope: TokenScope
    let transport: any HTTPTransport
    let clock: any MonotonicClock
    var wallClock: @Sendable () -> Timestamp = { .now }

    func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
        let traced = TracedExchange("managed identity token")
        defer { traced.end() }
        let response: UpstreamResponse
        do throws(TransportError) {
            response = try await traced.execute(request, with: transport).get()
        } catch {
            throw EntraError(error)
        }
        guard response.status == .ok else { throw EntraError(managedIdentity: response) }
        return try TokenGrant(managedIdentity: response.body, at: wallClock())
    }

    private var request: UpstreamRequest {
        let endpoint = identity.endpoint
        var query = endpoint.query.map { [$0] } ?? []
        var fields: HTTPFields = [.accept: "application/json"]
        switch identity.host {
        case .instanceMetadata:
            query.append("api-version=2018-02-01")
            fields[.metadata] = "true"
        case .appService(_, let header):
            query.append("api-version=2019-08-01")
            fields[.identityHeader] = header.reveal { $0 }
        }
        query.append("resource=\(Self.encode(scope.resource))")
        if let client = identity.client { query.append("client_id=\(client)") }
        return UpstreamRequest(
            method: .get,
            url: endpoint.appending(path: "", query: query.joined(separator: "&")),
            fields: fields,
            repetition: .harmless,
            deadline: clock.now.advanced(by: TokenEndpoint.defaultTimeLimit),
            maximumResponseBytes: TokenEndpoint.maximumAnswerBytes
        )
    }

    /// A Graph root is printable ASCII; what of it has a meaning in a query is encoded.
    private static func encode(_ resource: String) -> String {
        resource.replacing("%", with: "%25").replacing(":", with: "%3A").replacing("/", with: "%2F")
            .replacing("&", with: "%26").replacing("+", with: "%2B")
    }
}

extension EntraError {
    /// An answer other than 200 of a managed identity's endpoint. 404, 410, 429 and 5xx pass (410: the service is being updated,
    /// and back within 70 s); another 4xx does not get better by repeating.
    fileprivate init(managedIdentity response: UpstreamResponse) {
        let code = response.status.code
        let error = OAuthFault(response.body)?.error
        let reason: Reason =
            switch code {
            case 300...399: .redirected
            case 429: .throttled
            case 404, 410, 500...: .serverError
            case 408: .timedOut
            case 400...499: .credentialInvalid
            default: .malformedAnswer
            }
        var detail = "the managed identity's endpoint answered \(code)" + (error.map { " \($0)" } ?? "")
        if code == 400 {
            detail += ": is the identity assigned to this machine or app, and AZURE_CLIENT_ID its client id?"
        }
        self.init(
            reason.kind,
            reason: reason,
            oauthError: error,
            retryAfter: RetryAfter.duration(in: response.fields),
            detail: detail
        )
    }
}

extension HTTPField.Name {
    /// Without it the instance metadata service answers 400, so that no request can be smuggled to it.
    fileprivate static let metadata = HTTPField.Name("Metadata")!
    fileprivate static let identityHeader = HTTPField.Name("X-IDENTITY-HEADER")!
}
