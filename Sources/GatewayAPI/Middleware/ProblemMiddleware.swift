import Hummingbird
import Logging

/// Turns whatever was thrown into a problem document: our own errors, the framework's, and those that nobody foresaw.
struct ProblemMiddleware: RouterMiddleware {
    let routes: RouteTable

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        do {
            // Hummingbird's router overlooks empty segments (2.28.1); who keeps an eye on paths in front of us may not.
            guard context.place != nil else { throw unmatched(request) }
            return try await next(request, context)
        } catch {
            let error = described(error, request, context)
            context.record.note {
                $0.code = error.code.rawValue
                $0.outcome = error.outcome?.rawValue
            }
            return Problem(error, requestID: context.requestID).response
        }
    }

    private func described(_ error: any Error, _ request: Request, _ context: GatewayContext) -> GatewayError {
        switch error {
        case var error as GatewayError:
            // Whoever knows better has said so; everything else ended before anything was sent.
            if error.outcome == nil, error.code != .internal { error.outcome = routes.notDone(request) }
            return error
        case let error as any HTTPResponseError where error.status == .notFound:
            return unmatched(request)
        default:
            // The error's own words may hold anything, so that even the log gets its type only.
            context.logger.error("A defect", metadata: ["error.type": "\(type(of: error))"])
            return GatewayError(
                .internal,
                "Something went wrong in the gateway. The operator finds it under this request id in the log.",
                outcome: routes.notDone(request).map { _ in .unknown }
            )
        }
    }

    /// Hummingbird answers a wrong method as it answers an unknown path.
    private func unmatched(_ request: Request) -> GatewayError {
        let methods = routes.methods(at: request.uri.path)
        guard !methods.isEmpty else {
            let hint = routes.entries.contains(RouteTable.contract) ? " GET /openapi.yaml lists what there is." : ""
            return GatewayError(.notFound, "There is nothing at this path." + hint)
        }
        let allow = methods.map(\.rawValue).joined(separator: ", ")
        return GatewayError(
            .methodNotAllowed,
            "This path has \(methods.count == 1 ? "the method" : "the methods") \(allow) only.",
            allow: allow
        )
    }
}
