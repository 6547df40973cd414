import HTTPTypes
import Hummingbird
import KeyRing
import Logging
import Transport

/// Lets a request through that carries an API key of the ring in `X-API-Key`, exactly once, and whose caller keeps to its rate.
struct APIKeyMiddleware: RouterMiddleware {
    let keys: LiveKeyRing
    /// `nil` where wrong keys are not limited.
    let failures: FailureTable?
    let proxies: TrustedProxies
    /// `nil` where each gateway counts for itself.
    let shared: SharedQuota?
    let clock: any MonotonicClock

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        let key = try presentedKey(request)
        let caller: Caller
        do throws(KeyRing.Refusal) {
            caller = try keys.caller(presenting: key)
        } catch {
            throw refusal(error, of: key, request, context)
        }
        var context = context
        context.caller = caller
        context.record.note {
            $0.caller = caller.name
            $0.keyID = caller.keyID
        }
        try await takeQuota(of: caller, context)
        return try await next(request, context)
    }

    /// Each request counts, whatever comes of it: who asks for what is not allowed costs something, too.
    private func takeQuota(of caller: Caller, _ context: GatewayContext) async throws(GatewayError) {
        guard let quota = await quota(of: caller) else { return }
        context.record.note { $0.quota = quota }
        guard !quota.isGranted else { return }
        throw GatewayError(
            .rateLimited,
            "You have used up what your API key's rate allows. Wait as Retry-After says, and spread your requests.",
            retryAfter: max(1, quota.reset.secondsRoundedUp)
        )
    }

    private func quota(of caller: Caller) async -> CallerBucket.Quota? {
        guard let shared, caller.keyRate != nil, let quota = await shared.take(for: caller) else {
            return caller.takeQuota(at: clock.now)
        }
        return quota
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
        guard presented.count <= 1 else { throw Self.severalKeys }
        guard let key = presented.first, !key.isEmpty else {
            throw GatewayError(.apiKeyMissing, "Send your API key in the header X-API-Key.", member: "X-API-Key")
        }
        return key
    }

    private static let severalKeys = GatewayError(
        .apiKeyAmbiguous,
        "Send exactly one X-API-Key header, and no API key in the URL.",
        member: "X-API-Key"
    )

    private func refusal(
        _ refusal: KeyRing.Refusal,
        of key: String,
        _ request: Request,
        _ context: GatewayContext
    ) -> GatewayError {
        if let holder = refusal.holder {
            context.record.note {
                $0.caller = holder.caller
                $0.keyID = holder.keyID
            }
        }
        let source = { proxies.source(peer: IPAddress(context.channel.remoteAddress), fields: request.headers) }
        guard let wait = failures?.wrongKey(from: source()) else {
            // What a proxy makes of two header lines (RFC 9110 §5.3); no key of a ring has a comma.
            guard refusal.holder != nil || !key.contains(",") else { return Self.severalKeys }
            return GatewayError(.apiKeyInvalid, refusal.advice, member: "X-API-Key")
        }
        return GatewayError(
            .rateLimited,
            "Too many requests with a wrong API key came from your address. Wait, and check the key.",
            retryAfter: max(1, wait.secondsRoundedUp),
            member: "X-API-Key"
        )
    }
}

extension KeyRing.Refusal {
    /// What is wrong with the key and what to do, in whole sentences. What goes beyond "not a valid one" is told to those alone
    /// who hold the key, and to those whose text cannot be one.
    fileprivate var advice: String {
        switch self {
        case .unknown:
            "The API key in X-API-Key is not a valid one. Ask the operator of this gateway for a key."
        case .damaged:
            "The text in X-API-Key is no whole API key: a character is wrong or missing. Copy the key anew."
        case .notYetValid(_, let begin):
            "The API key in X-API-Key is not valid before \(begin.rfc3339). Wait until then, or ask the operator of this gateway."
        case .expired(_, let end):
            "The API key in X-API-Key has ended at \(end.rfc3339). Ask the operator of this gateway for a new one."
        case .revoked:
            "The API key in X-API-Key was revoked. Ask the operator of this gateway for a new one."
        }
    }
}
