import HTTPTypes
import NIOCore

/// An error of Graph.
///
/// Graph's own front answers in plain words. What Intune refuses behind it comes with a whole JSON text in `message`.
struct GraphRefusal: Error, Equatable {
    var status: HTTPResponse.Status
    var code: String
    var message: String
    /// Whether Intune refused, and not Graph's front.
    var isFromIntune = false
    var retryAfter: Int?
    /// What another access token would have to carry.
    var challenge: ClaimsChallenge?

    /// Graph's front: the request is wrong.
    static func badRequest(_ message: String) -> Self {
        .init(status: .badRequest, code: "BadRequest", message: message)
    }

    /// Graph's front: the access token is missing, or not good.
    static func unauthenticated(_ message: String) -> Self {
        .init(status: .unauthorized, code: "InvalidAuthenticationToken", message: message)
    }

    static func challenged(_ challenge: ClaimsChallenge) -> Self {
        var refusal = unauthenticated(
            """
            Continuous access evaluation resulted in challenge with result: InteractionRequired and code: \
            \(challenge.reason)
            """
        )
        refusal.challenge = challenge
        return refusal
    }

    static func unknownSegment(_ segment: String) -> Self {
        .badRequest("Resource not found for the segment '\(segment)'.")
    }

    static let methodNotAllowed = Self(
        status: .methodNotAllowed,
        code: "BadRequest",
        message: "Specified HTTP method is not allowed for the request target."
    )

    /// Intune: the access token does not carry the role.
    static func forbidden(_ roles: [String]) -> Self {
        .init(
            status: .forbidden,
            code: "Forbidden",
            message: """
                Application is not authorized to perform this operation. Application must have one of the following scopes: \
                \(roles.joined(separator: ", "))
                """,
            isFromIntune: true
        )
    }

    static let notFound = Self(
        status: .notFound,
        code: "ResourceNotFound",
        message: "Enrollment profile was not found",
        isFromIntune: true
    )

    static let invalidValidity = Self(
        status: .badRequest,
        code: "BadRequest",
        message: "Token validity must be at least 1 second",
        isFromIntune: true
    )

    static func throttled(retryAfter: Int) -> Self {
        .init(
            status: .tooManyRequests,
            code: "TooManyRequests",
            message: "Too many requests",
            isFromIntune: true,
            retryAfter: retryAfter
        )
    }

    /// The error in Graph's words. `innerError` holds the time without a zone, and both ids.
    func answer(to request: SandboxRequest) -> SandboxAnswer {
        var answer = SandboxAnswer.json(
            status,
            [
                "error": [
                    "code": .string(code),
                    "message": .string(isFromIntune ? nested(request) : message),
                    "innerError": [
                        "date": .string(request.now.bareDescription),
                        "request-id": .string(request.id),
                        "client-request-id": .string(request.clientRequestID),
                    ],
                ]
            ]
        )
        answer.fields[.contentType] = "application/json"
        if let retryAfter { answer.fields[.retryAfter] = String(retryAfter) }
        if status == .unauthorized {
            answer.fields[.wwwAuthenticate] = """
                Bearer realm="", authorization_uri="\(request.origin)/common/oauth2/authorize", \
                client_id="00000003-0000-0000-c000-000000000000"\(challenge.map { ", \($0.parameters)" } ?? "")
                """
        }
        return answer
    }

    /// Intune's own error, a JSON text. Its activity id is Graph's request id.
    private func nested(_ request: SandboxRequest) -> String {
        let resource = request.segments.dropFirst().joined(separator: "/")
        let details = """
            \(message) - Operation ID (for customer support): 00000000-0000-0000-0000-000000000000 - Activity ID: \
            \(request.id) - Url: https://fef.sandbox.manage.microsoft.com/AndroidSync/StatelessAndroidSyncFEService/\
            \(resource)?api-version=5020-11-01
            """
        let fields: JSONValue =
            status == .forbidden ? ["WWW-Authenticate": "Bearer realm=\"urn:intune:service,sandbox\""] : [:]
        return JSONValue.object([
            .init(name: "_version", value: 3),
            .init(name: "Message", value: .string(details)),
            .init(name: "CustomApiErrorPhrase", value: ""),
            .init(name: "RetryAfter", value: retryAfter.map { .integer(Int64($0)) } ?? .null),
            .init(name: "ErrorSourceService", value: ""),
            .init(name: "HttpHeaders", value: .string(fields.text)),
        ]).text
    }
}
