package import HTTPTypes

/// The closed list of what can go wrong, as callers see it: each code has one status and one title.
///
/// The table in `openapi.yaml` says the same; a test compares them.
package enum ProblemCode: String, Sendable, CaseIterable {
    case apiKeyMissing = "api-key-missing"
    case apiKeyInvalid = "api-key-invalid"
    case apiKeyAmbiguous = "api-key-ambiguous"
    case permissionDenied = "permission-denied"
    case profileIDInvalid = "profile-id-invalid"
    case bodyInvalid = "body-invalid"
    case validityOutOfRange = "validity-out-of-range"
    case requestInvalid = "request-invalid"
    case bodyTooLarge = "body-too-large"
    case urlTooLong = "url-too-long"
    case headersTooLarge = "headers-too-large"
    case requestTimeout = "request-timeout"
    case mediaTypeUnsupported = "media-type-unsupported"
    case notAcceptable = "not-acceptable"
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case rateLimited = "rate-limited"
    case idempotencyUnavailable = "idempotency-unavailable"
    case idempotencyKeyReused = "idempotency-key-reused"
    case idempotencyInProgress = "idempotency-in-progress"
    case profileNotFound = "profile-not-found"
    case tokenNotFound = "token-not-found"
    case conflict
    case graphRefused = "graph-refused"
    case graphThrottled = "graph-throttled"
    case profileBusy = "profile-busy"
    case credentialRefused = "credential-refused"
    case credentialUnavailable = "credential-unavailable"
    case graphUnauthorized = "graph-unauthorized"
    case graphForbidden = "graph-forbidden"
    case graphUnreachable = "graph-unreachable"
    case graphFailed = "graph-failed"
    case graphTimeout = "graph-timeout"
    case outcomeUnknown = "outcome-unknown"
    case ledgerUnavailable = "ledger-unavailable"
    case overloaded
    case shuttingDown = "shutting-down"
    case starting
    case `internal` = "internal"

    package var status: HTTPResponse.Status {
        switch self {
        case .apiKeyAmbiguous, .profileIDInvalid, .bodyInvalid, .validityOutOfRange, .requestInvalid,
            .idempotencyUnavailable:
            .badRequest
        case .apiKeyMissing, .apiKeyInvalid: .unauthorized
        case .permissionDenied: .forbidden
        case .notFound, .profileNotFound, .tokenNotFound: .notFound
        case .methodNotAllowed: .methodNotAllowed
        case .notAcceptable: .notAcceptable
        case .requestTimeout: .requestTimeout
        case .conflict, .idempotencyInProgress: .conflict
        case .bodyTooLarge: .contentTooLarge
        case .urlTooLong: .uriTooLong
        case .mediaTypeUnsupported: .unsupportedMediaType
        case .graphRefused, .idempotencyKeyReused: .unprocessableContent
        case .rateLimited: .tooManyRequests
        case .headersTooLarge: .requestHeaderFieldsTooLarge
        case .internal: .internalServerError
        case .credentialRefused, .graphUnauthorized, .graphForbidden, .graphUnreachable, .graphFailed: .badGateway
        case .graphThrottled, .profileBusy, .credentialUnavailable, .ledgerUnavailable, .overloaded, .shuttingDown,
            .starting:
            .serviceUnavailable
        case .outcomeUnknown, .graphTimeout: .gatewayTimeout
        }
    }

    package var title: String {
        switch self {
        case .apiKeyMissing: "API key missing"
        case .apiKeyInvalid: "API key not valid"
        case .apiKeyAmbiguous: "API key given more than once"
        case .permissionDenied: "Not allowed with this API key"
        case .profileIDInvalid: "Profile id not valid"
        case .bodyInvalid: "Body not valid"
        case .validityOutOfRange: "Validity out of range"
        case .requestInvalid: "Request not valid"
        case .bodyTooLarge: "Body too large"
        case .urlTooLong: "URL too long"
        case .headersTooLarge: "Headers too large"
        case .requestTimeout: "Request too slow"
        case .mediaTypeUnsupported: "Media type not supported"
        case .notAcceptable: "Nothing acceptable"
        case .notFound: "No such path"
        case .methodNotAllowed: "Method not allowed"
        case .rateLimited: "Too many requests"
        case .idempotencyUnavailable: "Idempotency keys not available"
        case .idempotencyKeyReused: "Idempotency key used before"
        case .idempotencyInProgress: "First request still running"
        case .profileNotFound: "Profile not found"
        case .tokenNotFound: "Token not found"
        case .conflict: "Profile changed by another"
        case .graphRefused: "Refused by Graph"
        case .graphThrottled: "Throttled by Graph"
        case .profileBusy: "Profile busy"
        case .credentialRefused: "Credential refused by Entra"
        case .credentialUnavailable: "No access token"
        case .graphUnauthorized: "Access token refused by Graph"
        case .graphForbidden: "Gateway forbidden by Graph"
        case .graphUnreachable: "Graph not reachable"
        case .graphFailed: "Graph failed"
        case .graphTimeout: "Graph too slow"
        case .outcomeUnknown: "Outcome unknown"
        case .ledgerUnavailable: "Ledger not available"
        case .overloaded: "Overloaded"
        case .shuttingDown: "Shutting down"
        case .starting: "Starting"
        case .internal: "Internal error"
        }
    }

    /// Whether the same request would be refused again for the same reason: then it is not run again under its Idempotency-Key.
    var isFinal: Bool {
        switch self {
        case .profileNotFound, .conflict, .graphRefused: true
        default: false
        }
    }
}
