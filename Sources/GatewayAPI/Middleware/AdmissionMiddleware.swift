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
    /// Each may be left out, and none comes again.
    package enum Phase: Int, Sendable {
        /// The callers' port is not open yet. → open
        case starting
        /// → draining
        case open
        /// Requests are let in, though callers had better go elsewhere. → closed
        case draining
        /// Every new request is answered `shutting-down`.
        case closed
    }

    /// What a caller is told to wait: the place of a request is free again after some seconds at most.
    static let retryAfter = 2

    private struct State {
        var inFlight = 0
        var phase: Phase
    }

    private let capacity: Int
    private let state: Mutex<State>

    package init(capacity: Int, phase: Phase = .open) {
        self.capacity = capacity
        state = Mutex(State(phase: phase))
    }

    package var inFlight: Int { state.withLock { $0.inFlight } }
    package var phase: Phase { state.withLock { $0.phase } }

    /// Changes nothing where it is past `phase` already.
    package func enter(_ phase: Phase) {
        state.withLock { if phase.rawValue > $0.phase.rawValue { $0.phase = phase } }
    }

    /// From now on every new request is answered `shutting-down`.
    package func close() { enter(.closed) }

    func enter() throws(GatewayError) {
        let refusal = state.withLock { state -> GatewayError? in
            if state.phase == .closed { return .shuttingDown }
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

extension GatewayError {
    static var shuttingDown: GatewayError {
        GatewayError(
            .shuttingDown,
            "The gateway is shutting down. Send the request again; another one may answer.",
            retryAfter: Admission.retryAfter
        )
    }
}
