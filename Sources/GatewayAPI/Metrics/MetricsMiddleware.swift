import Hummingbird
import Transport

/// Measures each request: how long it took, what it was answered, and what came of it.
struct MetricsMiddleware: RouterMiddleware {
    let metrics: RequestMetrics
    let routes: RouteTable
    let clock: any MonotonicClock

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        let response = try await next(request, context)
        metrics.answered(
            request.method,
            routes.template(of: request.uri.path),
            status: response.status.code,
            in: clock.now - start,
            context.record.noted
        )
        return response
    }
}
