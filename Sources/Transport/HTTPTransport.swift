/// Something that carries one HTTP request to an upstream and brings back the answer.
package protocol HTTPTransport: Sendable {
    /// Sends `request` and returns the complete final answer, whatever its status: a status is not an error here.
    ///
    /// Redirects are not followed, no request is sent twice when ``UpstreamRequest/repetition`` is `.never`, and the call
    /// ends by the request's deadline. Cancelling the task ends the transfer, as ``UpstreamRequest/cancellation`` allows.
    ///
    /// - Throws: ``TransportError`` when no complete answer came. Its ``TransportError/delivery`` says what is known about
    ///   the request.
    func execute(_ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse
}
