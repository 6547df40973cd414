package import HTTPTypes
package import NIOCore

/// One HTTP request to an upstream.
package struct UpstreamRequest: Sendable {
    /// Whether the transport may send the request a second time by itself.
    package enum Repetition: Sendable, Equatable {
        /// Once is all: the request has an effect that must not happen twice.
        case never
        /// Repeating it is harmless (RFC 9110 §9.2.2), for example when a kept-alive connection turns out to be dead.
        case harmless
    }

    /// Until when cancelling the task that waits for the answer ends the exchange.
    package enum Cancellation: Sendable, Equatable {
        case atAnyTime
        /// From its first byte on the request goes to its end, because its effect cannot be taken back and somebody has to know
        /// what came of it. The task gets the answer though it is cancelled.
        case untilSent
    }

    /// The answer's largest body unless the request says otherwise.
    package static let defaultMaximumResponseBytes = 1 << 20

    package var method: HTTPRequest.Method
    package var url: UpstreamURL
    /// Sent as they are. `Content-Length` and `Host` are the transport's.
    package var fields: HTTPFields
    package var body: ByteBuffer?
    package var repetition: Repetition
    package var cancellation: Cancellation
    /// When the exchange has to be over, connecting included.
    package var deadline: ContinuousClock.Instant
    /// A longer body ends the exchange with ``TransportError/Kind/responseTooLarge``, while it is received.
    package var maximumResponseBytes: Int

    package init(
        method: HTTPRequest.Method,
        url: UpstreamURL,
        fields: HTTPFields = [:],
        body: ByteBuffer? = nil,
        repetition: Repetition,
        cancellation: Cancellation = .atAnyTime,
        deadline: ContinuousClock.Instant,
        maximumResponseBytes: Int = UpstreamRequest.defaultMaximumResponseBytes
    ) {
        self.method = method
        self.url = url
        self.fields = fields
        self.body = body
        self.repetition = repetition
        self.cancellation = cancellation
        self.deadline = deadline
        self.maximumResponseBytes = maximumResponseBytes
    }
}
