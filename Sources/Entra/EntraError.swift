/// Why there is no access token.
package struct EntraError: Error, Sendable, Equatable {
    /// Who must act.
    package enum Kind: String, Sendable {
        /// Entra looked at the credential and said no: the operator must act.
        case refused
        /// Entra could not be asked, or gave no usable answer: time heals, or the network's operator.
        case unavailable
    }

    /// What happened, from a closed list that is fit for logs and labels.
    package enum Reason: String, Sendable, CaseIterable {
        // Refused
        case secretWrong = "secret-wrong"
        case secretExpired = "secret-expired"
        case applicationUnknown = "application-unknown"
        case tenantUnknown = "tenant-unknown"
        case scopeInvalid = "scope-invalid"
        case consentMissing = "consent-missing"
        case conditionalAccess = "conditional-access"
        case credentialInvalid = "credential-invalid"
        // Unavailable
        /// The file that the platform writes the credential into has none at the moment.
        case credentialUnreadable = "credential-unreadable"
        case unreachable
        case timedOut = "timed-out"
        case throttled
        case serverError = "server-error"
        case redirected
        case malformedAnswer = "malformed-answer"
        case answerTooLarge = "answer-too-large"
        /// Graph answered 401 to one fresh access token after the other; asking Entra for more is paced.
        case tokenRejected = "token-rejected"
        /// The gateway itself has too much under way to ask.
        case overloaded
        /// The caller's own waiting time ended; the fetch goes on.
        case waitEnded = "wait-ended"
        case cancelled
    }

    package var kind: Kind
    package var reason: Reason
    /// The number behind `AADSTS`, for diagnosis only.
    package var aadsts: Int?
    /// OAuth's `error` (RFC 6749 §5.2), when it is a sane one.
    package var oauthError: String?
    package var traceID: String?
    package var correlationID: String?
    /// When it makes sense to ask again.
    package var retryAfter: Duration?
    /// For the log: never a secret.
    package var detail: String

    package init(
        _ kind: Kind,
        reason: Reason,
        aadsts: Int? = nil,
        oauthError: String? = nil,
        traceID: String? = nil,
        correlationID: String? = nil,
        retryAfter: Duration? = nil,
        detail: String
    ) {
        self.kind = kind
        self.reason = reason
        self.aadsts = aadsts
        self.oauthError = oauthError
        self.traceID = traceID
        self.correlationID = correlationID
        self.retryAfter = retryAfter
        self.detail = detail
    }
}
