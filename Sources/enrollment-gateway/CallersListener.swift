import Entra
import GatewayAPI
import Logging
import ServiceLifecycle

/// The callers' port: opened when there is an access token to serve them with, or when it is known that waiting does not help.
struct CallersListener: Service {
    let listener: Listener
    let firstToken: FirstAccessToken
    let logger: Logger

    func run() async throws {
        switch await cancelWhenGracefulShutdown({ await firstToken.wait() }) {
        case .cancelled: return
        case .arrived, .notAwaited: break
        case .refused(let error): warn("the credential is refused", error)
        case .late(let error): warn("the time for the start is over", error)
        }
        try await listener.run()
    }

    private func warn(_ reason: String, _ error: EntraError?) {
        var facts = error?.metadata ?? [:]
        facts["startup.reason"] = "\(reason)"
        logger.warning("Callers are let in before there is an access token", metadata: facts)
    }
}
