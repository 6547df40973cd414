import HTTPTypes
import Hummingbird
import KeyRing
import Logging
import Transport

/// One line for each request, at `info`: what was asked, what was answered, and what Graph said.
///
/// Neither the query nor any field of the request is in it, and of the path only the route's pattern.
struct AccessLogMiddleware: RouterMiddleware {
    let routes: RouteTable
    let clock: any MonotonicClock

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let start = clock.now
        let response = try await next(request, context)
        guard context.logger.logLevel <= .info else { return response }
        let facts = context.record.noted
        // Room for all that there may be, and for what the log adds.
        var metadata = Logger.Metadata(minimumCapacity: 24)
        metadata["http.method"] = .string(request.method.rawValue)
        metadata["http.route"] = .string(routes.template(of: request.uri.path) ?? "none")
        metadata["http.status"] = .string(String(response.status.code))
        metadata["duration_ms"] = "\((clock.now - start).milliseconds)"
        metadata["caller"] = facts.caller.map { .string($0) }
        metadata["key.id"] = facts.keyID.map { "\($0)" }
        metadata["caller.left"] = facts.callerLeft ? "true" : nil
        metadata["problem.code"] = facts.code.map { .string($0) }
        metadata["outcome"] = facts.outcome.map { .string($0) }
        metadata["profile.id"] = facts.profileID.map { .string($0) }
        metadata["upstream.status"] = facts.graphStatus.map { .string(String($0)) }
        metadata["upstream.requests"] = facts.graphRequests > 0 ? "\(facts.graphRequests)" : nil
        metadata["ledger.record"] = facts.recordID.map { .string($0) }
        metadata["idempotency.replayed"] = facts.isReplay ? "true" : nil
        metadata["graph.request_id"] = facts.graphRequestID.map { .string($0) }
        context.logger.info(AccessLine.message, metadata: metadata)
        return response
    }
}
