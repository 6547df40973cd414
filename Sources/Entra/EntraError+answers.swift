import HTTPTypes
import Transport

extension EntraError {
    /// How long to stay away after being throttled without a `Retry-After`, as Microsoft's own libraries do.
    static let throttledPause: Duration = .seconds(60)

    /// No complete answer came.
    init(_ error: TransportError) {
        let reason: Reason =
            switch error.kind {
            case .timedOut: .timedOut
            case .responseTooLarge: .answerTooLarge
            case .malformedResponse: .malformedAnswer
            case .cancelled: .cancelled
            case .overloaded: .overloaded
            case .nameNotResolved, .connectFailed, .tlsFailed, .refused, .connectionLost, .unavailable, .internal:
                .unreachable
            }
        self.init(.unavailable, reason: reason, detail: "\(error.kind.rawValue): \(error.detail)")
    }

    /// The token endpoint's answer is not a 200.
    ///
    /// 5xx, 429 and redirects are passing troubles whatever the body says. Any other answer refuses if it is an OAuth
    /// error document that does not name a passing trouble; without such a document somebody else has answered, a proxy for
    /// example, and nothing was said about the credential.
    init(unsuccessful response: UpstreamResponse) {
        let fault = OAuthFault(response.body)
        let reason = Self.reason(status: response.status, fault: fault)
        let retryAfter = RetryAfter.duration(in: response.fields)
        self.init(
            reason.kind,
            reason: reason,
            aadsts: fault?.code,
            oauthError: fault?.error,
            traceID: fault?.traceID,
            correlationID: fault?.correlationID,
            retryAfter: retryAfter ?? (reason == .throttled ? Self.throttledPause : nil),
            detail: Self.detail(status: response.status, fault: fault)
        )
    }

    private static func reason(status: HTTPResponse.Status, fault: OAuthFault?) -> Reason {
        switch (status.code, fault) {
        case (300...399, _): .redirected
        case (429, _): .throttled
        case (500..., let fault): fault?.reason == .throttled ? .throttled : .serverError
        case (408, _): .timedOut
        case (400...499, let fault?): fault.reason
        default: .malformedAnswer
        }
    }

    private static func detail(status: HTTPResponse.Status, fault: OAuthFault?) -> String {
        var text = "the token endpoint answered \(status.code)"
        guard let fault else { return text + " without an OAuth error" }
        text += " \(fault.error)"
        if let code = fault.code { text += " AADSTS\(code)" }
        return text
    }
}

extension EntraError.Reason {
    /// Who must act when this happens at the token endpoint.
    var kind: EntraError.Kind {
        switch self {
        case .secretWrong, .secretExpired, .applicationUnknown, .tenantUnknown, .scopeInvalid, .consentMissing,
            .conditionalAccess, .credentialInvalid:
            .refused
        case .credentialUnreadable, .unreachable, .timedOut, .throttled, .serverError, .redirected, .malformedAnswer,
            .answerTooLarge, .tokenRejected, .overloaded, .waitEnded, .cancelled:
            .unavailable
        }
    }
}
