/// What Graph asks of a client whose access token is no longer enough (Microsoft's "claims challenges").
struct ClaimsChallenge: Sendable, Equatable {
    /// What the next access token has to carry, as JSON.
    var claims: JSONValue
    var reason: String

    /// The parameters at the end of `WWW-Authenticate`.
    var parameters: String { "error=\"insufficient_claims\", claims=\"\(Base64.standard(Array(claims.text.utf8)))\"" }

    static func revoked(at moment: SandboxInstant) -> Self {
        .init(claims: ["access_token": ["nbf": notBefore(moment)]], reason: "TokenIssuedBeforeRevocationTimestamp")
    }

    /// The address is from a block that is nobody's (RFC 5737).
    static func location(at moment: SandboxInstant) -> Self {
        .init(
            claims: ["access_token": ["nbf": notBefore(moment), "xms_rp_ipaddr": ["value": "192.0.2.1"]]],
            reason: "LocationConditionEvaluationSatisfied"
        )
    }

    private static func notBefore(_ moment: SandboxInstant) -> JSONValue {
        ["essential": true, "value": .string(String(moment.secondsSince1970))]
    }
}
