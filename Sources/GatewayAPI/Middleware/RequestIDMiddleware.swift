import HTTPTypes
import Hummingbird
import Logging

/// Gives each request its id and its place among the routes, and each answer the fields that all answers have.
///
/// Outermost: even a problem document needs them.
struct RequestIDMiddleware: RouterMiddleware {
    let routes: RouteTable

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let requestID = GatewayRequestID.adopting(request.headers[values: .requestID])
        context.requestID = requestID
        context.place = routes.place(of: request.uri.path)
        context.logger = context.logger.with(metadataKey: "request.id", value: .string(requestID))
        // Lower layers read the logger of the task.
        var response = try await withLogger(context.logger) { _ in try await next(request, context) }
        response.headers[.requestID] = requestID
        // But for what says itself that it may be kept.
        if response.headers[.cacheControl] == nil { response.headers[.cacheControl] = "no-store" }
        // RFC 9110 §9.3.2: a body would be taken for the next answer. Hummingbird sends it (2.28.1).
        return request.method == .head ? response.createHeadResponse() : response
    }
}

extension Logger {
    /// This logger with one more fact on each of its lines.
    fileprivate func with(metadataKey key: String, value: Logger.MetadataValue) -> Logger {
        var logger = self
        logger[metadataKey: key] = value
        // Hummingbird's own id of the request would say the same a second time.
        logger[metadataKey: "hb.request.id"] = nil
        return logger
    }
}
