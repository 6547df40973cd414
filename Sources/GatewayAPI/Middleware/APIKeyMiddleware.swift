import HTTPTypes
import Hummingbird
import Logging
import Transport

/// Lets a request through that carries a known API key in `X-API-Key`, exactly once.
struct APIKeyMiddleware: RouterMiddleware {
    let keys: any CallerKeys
    let limit: BadKeyLimit

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let key = try presentedKey(request)
        guard let caller = keys.caller(presenting: key) else { throw refusal(context) }
        var context = context
        context.caller = caller
        context.record.note { $0.caller = caller.name }
        return try await next(request, context)
    }

    private func presentedKey(_ request: Request) throws(GatewayError) -> String {
        if let name = RequestQuery.keyName(in: request.uri.query) {
            throw GatewayError(
                .apiKeyAmbiguous,
                "Send the API key in the header X-API-Key only, never in the URL: URLs end up in logs. Treat this key as leaked.",
                member: name
            )
        }
        let presented = request.headers[values: .apiKey]
        guard presented.count <= 1 else {
            throw GatewayError(
                .apiKeyAmbiguous,
                "Send exactly one X-API-Key header, and no API key in the URL.",
                member: "X-API-Key"
            )
        }
        guard let key = presented.first, !key.isEmpty else {
            throw GatewayError(.apiKeyMissing, "Send your API key in the header X-API-Key.", member: "X-API-Key")
        }
        return key
    }

    private func refusal(_ context: GatewayContext) -> GatewayError {
        guard let wait = limit.wrongKey(from: context.remoteAddress) else {
            return GatewayError(
                .apiKeyInvalid,
                "The API key in X-API-Key is not a valid one. Ask the operator of this gateway for a key.",
                member: "X-API-Key"
            )
        }
        return GatewayError(
            .rateLimited,
            "Too many requests with a wrong API key came from your address. Wait, and check the key.",
            retryAfter: max(1, wait.secondsRoundedUp),
            member: "X-API-Key"
        )
    }
}
