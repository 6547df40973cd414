import Hummingbird
import Synchronization

/// Lets no more requests in than can be answered well, and none once the gateway is stopping.
struct AdmissionMiddleware: RouterMiddleware {
    let admission: Admission

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        try admission.enter()
        defer { admission.leave() }
        return try await next(request, context)
    }
}

/// How many requests are being answered, and whether more may come.
package final class Admission: Sendable {
    /// What a caller is told to wait: the place of a request is free again after some seconds at most.
    static let retryAfter = 2

    private struct State {
        var inFlight = 0
        var isClosed = false
    }

    private let capacity: Int
    private let state = Mutex(State())

    package init(capacity: Int) { self.capacity = capacity }

    package var inFlight: Int { state.withLock { $0.inFlight } }
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// From now on every new request is answered `shutting-down`.
    package func close() { state.withLock { $0.isClosed = true } }

    func enter() throws(GatewayError) {
        let refusal = state.withLock { state -> GatewayError? in
            if state.isClosed {
                return GatewayError(
                    .shuttingDown,
                    "The gateway is shutting down. Send the request again; another one may answer.",
                    retryAfter: Self.retryAfter
                )
            }
            if state.inFlight >= capacity {
                return GatewayError(
                    .overloaded,
                    "Too many requests are being answered. Send the request again later.",
                    retryAfter: Self.retryAfter
                )
            }
            state.inFlight += 1
            return nil
        }
        if let refusal { throw refusal }
    }

    func leave() { state.withLock { $0.inFlight -= 1 } }
}
