import HTTPTypes
import Hummingbird
import KeyRing
import Traces
import Tracing

/// Gives each request its trace: that of the caller's `traceparent`, or a new one. What is done for the request, and each line of the
/// log about it, belongs to it.
///
/// Where the trace is recorded, its span says what the access line says. Neither the query nor any field of the request is in it, and
/// of the path only the route's pattern.
struct TraceMiddleware: RouterMiddleware {
    let tracer: SpanTracer
    let routes: RouteTable

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let span = tracer.begin(name(of: request, context), .server, under: parent(of: request))
        defer { span.end() }
        let response = try await span.surround { try await next(request, context) }
        if span.isRecording { note(request, response, context, in: span) }
        return response
    }

    private func parent(of request: Request) -> TraceContext? {
        tracer.isPropagating ? TraceContext(traceparents: request.headers[values: .traceparent]) : nil
    }

    private func name(of request: Request, _ context: GatewayContext) -> String {
        [request.method.boundedName, routes.template(at: context.place)].compactMap(\.self).joined(separator: " ")
    }

    private func note(_ request: Request, _ response: Response, _ context: GatewayContext, in span: TraceSpan) {
        let facts = context.record.noted
        span.note("http.request.method", request.method.boundedName)
        span.note("http.route", routes.template(at: context.place))
        span.note("http.response.status_code", response.status.code)
        span.note("request.id", context.requestID)
        span.note("caller", facts.caller)
        span.note("key.id", facts.keyID?.description)
        span.note("caller.left", facts.callerLeft ? "true" : nil)
        span.note("problem.code", facts.code)
        span.note("outcome", facts.outcome)
        span.note("profile.id", facts.profileID)
        span.note("upstream.requests", facts.graphRequests > 0 ? facts.graphRequests : nil)
        span.note("graph.request_id", facts.graphRequestID)
        span.note("ledger.record", facts.recordID)
        span.note("idempotency.replayed", facts.isReplay ? "true" : nil)
        // A refusal is no error of a server's ("Semantic conventions for HTTP spans", Status).
        if response.status.code >= 500 { span.fail(facts.code ?? String(response.status.code)) }
    }
}
