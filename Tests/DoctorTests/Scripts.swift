import CurlTransport
import Entra
import Foundation
import HTTPTypes
import Settings
import TestSupport
import Transport

@testable import Doctor

/// A way that is open, or ends as a test says.
struct ScriptedProbe: UpstreamProbe {
    var failure: ConnectionFindings.Failure?
    var notAfter = Timestamp.now + .seconds(90 * 86400)

    func hop(toward url: UpstreamURL) -> UpstreamURL { url }
    func usesProxy(for url: UpstreamURL) -> Bool { false }

    func addresses(toward url: UpstreamURL) async -> Result<[HostAddress], HostLookupError> {
        .success([HostAddress("192.0.2.1")!])
    }

    func connect(to url: UpstreamURL, at addresses: [HostAddress]) async -> ConnectionFindings {
        ConnectionFindings(
            address: "192.0.2.1",
            connectedAfter: .milliseconds(12),
            securedAfter: .milliseconds(30),
            chain: [ServerCertificate(subject: "CN = \(url.host)", issuer: "CN = Authority", notAfter: notAfter)],
            failure: failure
        )
    }
}

/// Grants one token, whatever is asked.
struct ScriptedGrants: TokenGrantSource {
    let token: String

    func requestGrant(claims: ClaimsChallenge?) async throws(EntraError) -> TokenGrant {
        let transport = ScriptedTransport { [token] _, _ throws(TransportError) in
            .json(.ok, #"{"token_type":"Bearer","expires_in":3599,"access_token":"\#(token)"}"#)
        }
        let configuration = EntraConfiguration(
            authority: try! UpstreamURL("https://login.test"),
            tenant: try! TenantID("11111111-1111-4111-8111-111111111111"),
            client: try! ClientID("22222222-2222-4222-8222-222222222222"),
            scope: try! TokenScope("https://graph.test/.default"),
            credential: ClientSecretCredential(Secret("secret"))
        )
        return try await TokenEndpoint(configuration: configuration, transport: transport, clock: ContinuousClock())
            .requestGrant(claims: claims)
    }
}

extension String {
    /// An unsigned token with these claims.
    static func token(_ claims: String) -> String {
        let encoded = Data(claims.utf8).base64EncodedString()
            .replacing("=", with: "").replacing("+", with: "-").replacing("/", with: "_")
        return "e30.\(encoded).c2ln"
    }
}
