import HTTPTypes
import Hummingbird

/// Lets pages of allowed origins read the answers, errors included, and answers their browsers' preflights (Fetch standard, "CORS
/// protocol").
///
/// Inside of the access log and outside of all that may refuse: a preflight has no key, and a page must be able to read why a
/// request was refused.
struct CORSMiddleware: RouterMiddleware {
    /// What a page may send beside the fields that it always may.
    static let allowedFields = "X-API-Key, Content-Type, Accept, Prefer, Idempotency-Key, X-Request-ID"
    /// For how many seconds a browser need not ask again: as many as all browsers take.
    static let preflightSeconds = 600

    let origins: AllowedOrigins
    let routes: RouteTable

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        guard !origins.isEmpty else { return try await next(request, context) }
        var response =
            if let granted = preflightAnswer(to: request) { granted } else { try await next(request, context) }
        origins.mark(&response.headers, for: request.headers[values: .origin])
        return response
    }

    /// `nil` for what is no preflight, or one that is not granted: that is any other OPTIONS.
    private func preflightAnswer(to request: Request) -> Response? {
        guard request.method == .options, request.headers.contains(.accessControlRequestMethod),
            origins.allowed(request.headers[values: .origin]) != nil
        else { return nil }
        let methods = routes.methods(at: request.uri.path)
        guard !methods.isEmpty else { return nil }
        return Response(
            status: .noContent,
            headers: [
                .accessControlAllowMethods: methods.map(\.rawValue).joined(separator: ", "),
                .accessControlAllowHeaders: Self.allowedFields,
                .accessControlMaxAge: String(Self.preflightSeconds),
            ]
        )
    }
}
