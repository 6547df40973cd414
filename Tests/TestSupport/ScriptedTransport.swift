package import HTTPTypes
import NIOConcurrencyHelpers
import NIOCore
package import Transport

/// A transport that answers from a test's closure and keeps what it was asked.
package final class ScriptedTransport: HTTPTransport {
    package typealias Answer = @Sendable (UpstreamRequest, Int) async throws(TransportError) -> UpstreamResponse

    private let answer: Answer
    private let log = NIOLockedValueBox<[UpstreamRequest]>([])

    /// - Parameter answer: gets the request and how many came before it.
    package init(_ answer: @escaping Answer) { self.answer = answer }

    package var requests: [UpstreamRequest] { log.withLockedValue { $0 } }

    package func execute(_ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse {
        let index = log.withLockedValue { log in
            log.append(request)
            return log.count - 1
        }
        return try await answer(request, index)
    }
}

extension UpstreamResponse {
    /// An answer with a JSON body.
    package static func json(_ status: HTTPResponse.Status, _ text: String, fields: HTTPFields = [:]) -> Self {
        var fields = fields
        fields[.contentType] = "application/json"
        return UpstreamResponse(status: status, fields: fields, body: ByteBuffer(string: text))
    }
}
