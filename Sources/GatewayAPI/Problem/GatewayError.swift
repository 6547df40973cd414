package import HTTPTypes
package import Hummingbird

/// A request's failure, as the caller will see it (RFC 9457).
package struct GatewayError: HTTPResponseError, Equatable {
    /// What came of a request that was to change something.
    package enum Outcome: String, Sendable, CaseIterable {
        case notCreated = "not-created"
        case notRevoked = "not-revoked"
        case unknown
    }

    /// What Graph said, as far as a caller may know it: codes and ids to quote in a support case, never its words.
    package struct Graph: Sendable, Equatable {
        package var requestID: String?
        package var activityID: String?
        package var code: String?
        package var isEmpty: Bool { requestID == nil && activityID == nil && code == nil }
    }

    package var code: ProblemCode
    /// What happened here, who must act and what to do: whole sentences, without the caller's text or an upstream's.
    package var detail: String
    package var outcome: Outcome?
    /// In whole seconds; also sent as `Retry-After`.
    package var retryAfter: Int?
    /// Which input is meant: a member of the body, a header field, a query parameter.
    package var member: String?
    package var graph: Graph?
    /// For `Allow`.
    package var allow: String?
    /// It was answered before, under the same Idempotency-Key.
    package var isReplay = false

    package init(
        _ code: ProblemCode,
        _ detail: String,
        outcome: Outcome? = nil,
        retryAfter: Int? = nil,
        member: String? = nil,
        graph: Graph? = nil,
        allow: String? = nil
    ) {
        self.code = code
        self.detail = detail
        self.outcome = outcome
        self.retryAfter = retryAfter
        self.member = member
        self.graph = graph
        self.allow = allow
    }

    package var status: HTTPResponse.Status { code.status }

    /// ``ProblemMiddleware`` is the one that normally renders, with the id that the request has in the log.
    package func response(from request: Request, context: some RequestContext) throws -> Response {
        Problem(self, requestID: GatewayRequestID.fresh()).response
    }
}
