import Foundation

/// The claims that Graph wants to see in the next access token (continuous access evaluation).
///
/// Microsoft's page "Claims challenges, claims requests and client capabilities": a 401 whose `WWW-Authenticate` says
/// `error="insufficient_claims"` carries them as base64, and the next token request passes them on in its `claims` parameter.
package struct ClaimsChallenge: Sendable, Hashable {
    /// Larger ones are not passed on.
    package static let maximumBytes = 8 << 10

    /// A JSON object, as Graph wrote it.
    package let json: String

    /// - Returns: `nil` unless `base64`, of either alphabet, holds a JSON object of a sane size.
    package init?(base64: some StringProtocol) {
        guard base64.utf8.count <= Self.maximumBytes,
            let data = Data(base64URL: base64),
            let text = String(data: data, encoding: .utf8),
            (try? JSONSerialization.jsonObject(with: data)) is [String: Any]
        else { return nil }
        json = text
    }
}
