import HTTPTypes
import NIOCore

/// An error of the token endpoint (RFC 6749 §5.2), with the number that Entra puts in front of its text.
struct EntraRefusal: Error, Equatable {
    var status: HTTPResponse.Status = .badRequest
    var error: String
    var code: Int
    var message: String

    static func missing(_ parameter: String) -> Self {
        .init(
            error: "invalid_request",
            code: 900144,
            message: "The request body must contain the following parameter: '\(parameter)'."
        )
    }

    static let wrongMethod = Self(
        error: "invalid_request",
        code: 900561,
        message: "The endpoint only accepts POST requests. Received a GET request."
    )

    static func unknownTenant(_ tenant: String) -> Self {
        .init(
            error: "invalid_request",
            code: 90002,
            message: """
                Tenant '\(tenant)' not found. Check to make sure you have the correct tenant ID and are signing into the \
                correct cloud. Check with your subscription administrator, this may happen if there are no active \
                subscriptions for the tenant.
                """
        )
    }

    /// An app acts in one directory: the endpoints for any directory are for people.
    static let tenantRequired = Self(
        error: "invalid_request",
        code: 9_001_023,
        message: """
            The grant type is not supported over the /common or /consumers endpoints. Please use the /organizations or \
            tenant-specific endpoint.
            """
    )

    static let unknownInstance = Self(
        error: "invalid_instance",
        code: 50049,
        message: "Unknown or invalid instance."
    )

    static func unsupportedGrant(_ grant: String) -> Self {
        .init(
            error: "unsupported_grant_type",
            code: 70003,
            message: "The app requested an unsupported grant type '\(grant)'."
        )
    }

    static func unknownApplication(_ id: String, tenant: String) -> Self {
        .init(
            error: "unauthorized_client",
            code: 700016,
            message: """
                Application with identifier '\(id)' was not found in the directory '\(tenant)'. This can happen if the \
                application has not been installed by the administrator of the tenant or consented to by any user in the \
                tenant. You may have sent your authentication request to the wrong tenant.
                """
        )
    }

    static func malformedScope(_ scope: String) -> Self {
        .init(
            error: "invalid_scope",
            code: 70011,
            message: """
                The provided request must include a 'scope' input parameter. The provided value for the input parameter \
                'scope' is not valid. The scope \(scope) is not valid.
                """
        )
    }

    static func scopeWithoutDefault(_ scope: String) -> Self {
        .init(
            error: "invalid_scope",
            code: 1_002_012,
            message: """
                The provided value for scope \(scope) is not valid. Client credential flows must have a scope value with \
                /.default suffixed to the resource identifier (application ID URI).
                """
        )
    }

    static func unknownResource(_ resource: String, tenant: String) -> Self {
        .init(
            error: "invalid_resource",
            code: 500011,
            message: """
                The resource principal named \(resource) was not found in the tenant named \(tenant). This can happen if the \
                application has not been installed by the administrator of the tenant or consented to by any user in the \
                tenant. You might have sent your authentication request to the wrong tenant.
                """
        )
    }

    static let malformedClaims = Self(
        error: "invalid_request",
        code: 9_002_313,
        message: "Invalid request. Request is malformed or invalid."
    )

    static let internalFault = Self(
        status: .internalServerError,
        error: "server_error",
        code: 90036,
        message: "An unexpected, non-retryable error stemming from the directory service has occurred."
    )

    /// The error in Entra's words.
    func answer(to request: SandboxRequest) -> SandboxAnswer {
        let time = request.now.entraDescription
        let correlation = request.clientRequestID
        let description =
            "AADSTS\(code): \(message)\r\nTrace ID: \(request.id)\r\nCorrelation ID: \(correlation)\r\nTimestamp: \(time)"
        return .json(
            status,
            [
                "error": .string(error),
                "error_description": .string(description),
                "error_codes": [.integer(Int64(code))],
                "timestamp": .string(time),
                "trace_id": .string(request.id),
                "correlation_id": .string(correlation),
                "error_uri": .string("\(request.origin)/error?code=\(code)"),
            ]
        )
    }
}
