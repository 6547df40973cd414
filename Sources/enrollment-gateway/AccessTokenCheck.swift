import Entra
import GatewayAPI

/// Ready means that there is an access token, or that one can be had: a gateway without one can do nothing.
struct AccessTokenCheck: ReadinessCheck {
    let name = "access-token"
    let cache: TokenCache

    func finding() async -> ReadinessFinding {
        let health = cache.health
        if health.hasUsableToken { return ReadinessFinding(isReady: true, detail: health.lastError?.reason.rawValue) }
        return ReadinessFinding(isReady: false, detail: health.lastError?.reason.rawValue ?? "starting")
    }
}
