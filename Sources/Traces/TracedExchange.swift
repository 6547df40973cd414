import HTTPTypes
import Tracing
package import Transport

/// One exchange with an upstream: it is told of the trace, and where that is recorded there is a span of it (OpenTelemetry,
/// "Semantic conventions for HTTP client spans").
package struct TracedExchange: Sendable {
    /// `nil` where nothing is recorded.
    package let span: TraceSpan?
    private let traceparent: String?

    /// In the present task's trace.
    package init(_ name: @autoclosure () -> String) {
        let current = TraceSpan.current
        span = current?.step(name(), .client)
        traceparent = (span ?? current)?.traceparent
    }

    /// Sends `request`, and says in the span what came of it.
    package func execute(
        _ request: consuming UpstreamRequest,
        with transport: any HTTPTransport
    ) async -> Result<UpstreamResponse, TransportError> {
        // Nobody else sets one, so that nothing has to be looked for.
        if let traceparent { request.fields.append(HTTPField(name: .traceparent, value: traceparent)) }
        let result: Result<UpstreamResponse, TransportError>
        do throws(TransportError) {
            result = .success(try await transport.execute(request))
        } catch {
            result = .failure(error)
        }
        note(request, result)
        return result
    }

    /// When all is noted.
    package func end() { span?.end() }

    /// The URL is left out: its query is the program's own, or Graph's.
    private func note(_ request: UpstreamRequest, _ result: Result<UpstreamResponse, TransportError>) {
        guard let span else { return }
        span.note("http.request.method", request.method.rawValue)
        span.note("server.address", request.url.host)
        span.note("server.port", request.url.port)
        switch result {
        case .success(let response):
            span.note("http.response.status_code", response.status.code)
            if response.status.code >= 400 { span.fail(String(response.status.code)) }
        case .failure(let error):
            span.note("http.response.status_code", error.status?.code)
            span.note("transport.delivery", error.delivery.rawValue)
            span.fail(error.kind.rawValue)
        }
    }
}
