package import HTTPTypes

/// Why no complete answer came, and what is known about the request.
package struct TransportError: Error, Sendable, Equatable {
    /// What went wrong. The raw value is fit for logs and labels.
    package enum Kind: String, Sendable, CaseIterable {
        case nameNotResolved = "name-not-resolved"
        case connectFailed = "connect-failed"
        /// The handshake failed, or the server's certificate is not to be trusted.
        case tlsFailed = "tls-failed"
        /// The server refused the request unread (RFC 9113 §8.7: REFUSED_STREAM, or a stream above GOAWAY's last).
        case refused
        /// The deadline passed.
        case timedOut = "timed-out"
        /// The connection ended, or was reset, before the answer was complete.
        case connectionLost = "connection-lost"
        case responseTooLarge = "response-too-large"
        /// What came is not HTTP, or contradicts itself.
        case malformedResponse = "malformed-response"
        /// The calling task was cancelled.
        case cancelled
        /// Too much is under way already; the request was not begun.
        case overloaded
        /// The transport is stopping; the request was not begun.
        case unavailable
        /// Something that should not happen, for example a wrong option.
        case `internal` = "internal"
    }

    /// What can be said of the request itself.
    package enum Delivery: String, Sendable {
        /// Not a byte of it left.
        case notSent = "not-sent"
        /// It was refused unread.
        case refused
        /// It may have been acted upon.
        case unknown
    }

    package var kind: Kind
    package var delivery: Delivery
    /// For the log: libcurl's words, never a secret and never the caller's text.
    package var detail: String
    /// The answer's head, when that much of it came.
    package var status: HTTPResponse.Status?
    package var fields: HTTPFields

    package init(
        _ kind: Kind,
        delivery: Delivery,
        detail: String,
        status: HTTPResponse.Status? = nil,
        fields: HTTPFields = [:]
    ) {
        self.kind = kind
        self.delivery = delivery
        self.detail = detail
        self.status = status
        self.fields = fields
    }

    /// Whether it makes sense to send the same request again, without the risk that it takes effect twice.
    package var maySendAgain: Bool {
        switch delivery {
        case .notSent, .refused: !kind.isOurs
        case .unknown: false
        }
    }
}

extension TransportError.Kind {
    /// The cause lies on this side: sending again at once would meet it again, and an overload would grow by it.
    fileprivate var isOurs: Bool {
        switch self {
        case .cancelled, .overloaded, .unavailable, .internal: true
        case .nameNotResolved, .connectFailed, .tlsFailed, .refused, .timedOut, .connectionLost, .responseTooLarge,
            .malformedResponse:
            false
        }
    }
}
