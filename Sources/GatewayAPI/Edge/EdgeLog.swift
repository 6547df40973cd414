import Activity
import HTTPTypes
import NIOHTTP1
import Traces
import Tracing
import Transport

/// Writes the access line of a request that ended at the edge, counts it, keeps it for the console, and has a span of it.
struct EdgeLog: Sendable {
    let log: AccessLog
    /// `nil` where nothing is measured.
    var metrics: RequestMetrics?
    /// `nil` where nothing is kept.
    var history: RequestHistory?
    /// `nil` where nothing is traced.
    var tracer: SpanTracer?

    /// - Parameters:
    ///   - head: where that much could be read.
    ///   - duration: since its first byte came.
    func refused(_ error: GatewayError, requestID: String, head: HTTPRequestHead?, after duration: Duration) {
        metrics?.refused(error.code)
        history?.add(summary(of: error, requestID: requestID, head, after: duration))
        let span = span(of: error, requestID: requestID, head)
        span?.end()
        guard log.isOn else { return }
        var line = AccessLine(
            requestID: requestID,
            method: head?.method.rawValue ?? "none",
            status: error.status.code
        )
        line.facts.code = error.code.rawValue
        line.trace = span?.trace
        log.write(line)
    }

    private func summary(
        of error: GatewayError,
        requestID: String,
        _ head: HTTPRequestHead?,
        after duration: Duration
    ) -> RequestSummary {
        var summary = RequestSummary(
            requestID: requestID,
            startedAt: .now - duration,
            duration: duration,
            method: head.map { HTTPRequest.Method($0.method.rawValue)?.boundedName ?? "_OTHER" } ?? "none",
            route: nil,
            status: error.status.code
        )
        summary.code = error.code.rawValue
        return summary
    }

    private func span(of error: GatewayError, requestID: String, _ head: HTTPRequestHead?) -> TraceSpan? {
        guard let tracer else { return nil }
        let method = head.flatMap { HTTPRequest.Method($0.method.rawValue)?.boundedName } ?? "_OTHER"
        let parent = tracer.isPropagating ? TraceContext(traceparents: head?.headers["traceparent"] ?? []) : nil
        let span = tracer.begin(method, .server, under: parent)
        span.note("http.request.method", method)
        span.note("http.response.status_code", error.status.code)
        span.note("request.id", requestID)
        span.note("problem.code", error.code.rawValue)
        if error.status.code >= 500 { span.fail(error.code.rawValue) }
        return span
    }
}
