import HTTPTypes

/// What Entra says of credentials that are not good.
extension EntraRefusal {
    private static let guide = "https://learn.microsoft.com/entra/identity-platform/certificate-credentials"

    private static func refused(_ code: Int, _ message: String) -> Self {
        .init(status: .unauthorized, error: "invalid_client", code: code, message: message)
    }

    static let missingCredential = refused(
        7_000_218,
        "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    )

    /// RFC 6749 §2.3: one way to authenticate in each request.
    static let severalCredentials = Self(
        error: "invalid_request",
        code: 90023,
        message: "The request must not contain both 'client_secret' and 'client_assertion'."
    )

    static func unknownAssertionType(_ type: String) -> Self {
        .init(error: "invalid_request", code: 90023, message: "The client assertion type '\(type)' is not supported.")
    }

    // MARK: Secrets

    static func wrongSecret(application: String) -> Self {
        refused(
            7_000_215,
            """
            Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not \
            the client secret ID, for a secret added to app '\(application)'.
            """
        )
    }

    static func expiredSecret(application: String) -> Self {
        refused(
            7_000_222,
            """
            The provided client secret keys for app '\(application)' are expired. Visit the Azure portal to create new keys \
            for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added security: \
            https://aka.ms/certCreds.
            """
        )
    }

    // MARK: Assertions

    static let malformedAssertion = Self(
        error: "invalid_request",
        code: 50027,
        message: "JWT token is invalid or malformed."
    )

    static let wrongTokenType = Self(
        error: "invalid_request",
        code: 5_002_727,
        message: "Invalid JWT header type specified, must be 'JWT' or 'http://openid.net/specs/jwt/1.0'."
    )

    static let unsupportedAlgorithm = Self(
        error: "invalid_request",
        code: 5_002_730,
        message: "Invalid JWT token. Unsupported key for the signing algorithm."
    )

    static let assertionOfAnotherApplication = refused(
        700021,
        "Client assertion application identifier doesn't match 'client_id' parameter. Review the documentation at \(guide) ."
    )

    static let subjectIsNotIssuer = refused(50048, "Subject must match the issuer claim in the client assertion.")

    static func unregisteredCertificate(thumbprint: String?, application: String) -> Self {
        let named = thumbprint.map { ", Thumbprint of key used by client: '\($0)'" } ?? ""
        return refused(
            700027,
            """
            The certificate with identifier used to sign the client assertion is not registered on application. \
            [Reason - The key was not found.\(named), Please visit the Azure Portal, Graph Explorer or directly use MS \
            Graph to see configured keys for app Id '\(application)'.]
            """
        )
    }

    static func badSignature(thumbprint: String?) -> Self {
        let named = thumbprint.map { ", Thumbprint of key used by client: '\($0)'" } ?? ""
        return refused(
            700027,
            """
            Client assertion failed signature validation. [Reason - The provided signature value did not match the \
            expected signature value.\(named)]
            """
        )
    }

    static let expiredCertificate = refused(
        1_000_502,
        "The provided certificate is not within its specified valid time range."
    )

    static func assertionOutOfTime(_ life: TokenLife, now: SandboxInstant) -> Self {
        refused(
            700024,
            """
            Client assertion is not within its valid time range. Current time: \(now), assertion valid from \
            \(SandboxInstant(secondsSince1970: life.begin ?? 0)), expiry time of assertion \
            \(SandboxInstant(secondsSince1970: life.end)). Review the documentation at \(guide) .
            """
        )
    }

    static let wrongAudience = refused(
        700023,
        "Client assertion audience claim does not match Realm issuer. Review the documentation at \(guide) ."
    )

    // MARK: Federated tokens

    /// - Parameter claim: `issuer`, `subject` or `audience`.
    static func unknownFederation(_ claim: String, _ value: String, code: Int) -> Self {
        refused(
            code,
            """
            No matching federated identity record found for presented assertion \(claim) '\(value)'. Check your federated \
            identity credential Subject, Audience and Issuer against the presented assertion. \
            https://learn.microsoft.com/entra/workload-id/workload-identity-federation
            """
        )
    }

    static let unreachableIssuer = Self(
        error: "invalid_request",
        code: 50166,
        message: "Request to External OIDC endpoint failed."
    )
}
