import HTTPTypes
import Hummingbird
import KeyRing
import Settings
import Transport

/// Tells callers what is left of their rate, on every answer to a key that has one, errors included (IETF draft "RateLimit header
/// fields for HTTP", draft-ietf-httpapi-ratelimit-headers-10).
struct RateLimitFieldsMiddleware: RouterMiddleware {
    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        var response = try await next(request, context)
        guard let quota = context.record.noted.quota else { return response }
        response.headers[.rateLimitPolicy] = quota.policyField
        response.headers[.rateLimit] = quota.stateField
        return response
    }
}

extension CallerBucket.Quota {
    /// The policy's name in both fields.
    private static let name = "\"caller\""

    /// So many requests in so many seconds; and how many at once, where that is another number (the draft asks for a prefix of
    /// what it does not name itself).
    var policyField: String {
        let (count, seconds) = rate.inWholeSeconds
        let burst = rate.burst == rate.rate.count ? "" : ";egk-burst=\(rate.burst)"
        return "\(Self.name);q=\(count);w=\(seconds)\(burst)"
    }

    /// What is left, and in how many seconds there is one more.
    var stateField: String { "\(Self.name);r=\(remaining);t=\(reset.secondsRoundedUp)" }
}

extension HTTPField.Name {
    static let rateLimitPolicy = HTTPField.Name("RateLimit-Policy")!
    static let rateLimit = HTTPField.Name("RateLimit")!
}
