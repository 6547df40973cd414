import Hummingbird
import Traces
import Transport

/// Says of each request what was asked and what came of it: in the metrics, and in one line of the log at `info`.
///
/// Both in one place, for each request pays for it.
struct ReportMiddleware: RouterMiddleware {
    let log: AccessLog
    /// `nil` where nothing is measured.
    let metrics: RequestMetrics?
    let routes: RouteTable
    let clock: any MonotonicClock

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard log.isOn || metrics != nil else { return try await next(request, context) }
        let start = clock.now
        let response = try await next(request, context)
        let duration = clock.now - start
        let route = routes.template(at: context.place)
        let status = response.status.code
        let facts = context.record.noted
        metrics?.answered(request.method, route, status: status, in: duration, facts)
        if log.isOn {
            var line = AccessLine(requestID: context.requestID, method: request.method.rawValue, status: status)
            line.route = route
            line.duration = duration
            line.facts = facts
            line.trace = TraceSpan.current?.trace
            log.write(line)
        }
        return response
    }
}
