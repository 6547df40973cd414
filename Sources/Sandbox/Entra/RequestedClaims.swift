import NIOCore

/// The `claims` of a token request: what the access token has to carry (OpenID Connect Core 1.0 §5.5).
struct RequestedClaims: Sendable, Equatable {
    /// Of `xms_cc`: what the client can do.
    var capabilities: [String] = []
    /// Of `nbf`: the moment before which no token is good, in seconds since 1970.
    var notBefore: Int64?

    /// - Parameter text: the form's field; nil asks for nothing.
    /// - Throws: Entra's refusal when it is no JSON object.
    init(_ text: String?) throws(EntraRefusal) {
        guard let text else { return }
        guard let claims = JSONValue(parsing: ByteBuffer(string: text)), case .object = claims else {
            throw .malformedClaims
        }
        let token = claims["access_token"]
        let wanted = token?["xms_cc"]
        if case .array(let values) = wanted?["values"] {
            capabilities = values.compactMap(\.asText)
        } else if let value = wanted?.text(of: "value") {
            capabilities = [value]
        }
        notBefore = token?["nbf"].flatMap { $0.text(of: "value").flatMap { Int64($0) } ?? $0.seconds(of: "value") }
    }
}
