import HTTPTypes
import Hummingbird
import Logging

/// Gives each request its id, and each answer the fields that all answers have.
///
/// Outermost: even a problem document needs both.
struct RequestIDMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        let presented = request.headers[values: .requestID]
        let requestID = GatewayRequestID.adopting(presented.count == 1 ? presented.first : nil)
        context.requestID = requestID
        context.logger = context.logger.with(metadataKey: "request.id", value: .string(requestID))
        // Lower layers read the logger of the task.
        var response = try await withLogger(context.logger) { _ in try await next(request, context) }
        response.headers[.requestID] = requestID
        response.headers[.cacheControl] = "no-store"
        return response
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
