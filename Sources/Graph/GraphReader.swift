import HTTPTypes
import NIOCore
import Transport

/// Reads of Graph. They change nothing, so that they are repeated where that can help.
struct GraphReader: Sendable {
    /// How often a read is tried that may get better.
    static let tries = 3
    static let pauses: [Duration] = [.milliseconds(500), .seconds(1), .milliseconds(1600)]

    /// What one read showed, the clock of its answer, when it was asked for, and when the answer was here.
    struct Read<Value: Sendable>: Sendable {
        var value: Value
        var clock: GraphClock
        var asked: ContinuousClock.Instant
        var answered: ContinuousClock.Instant
    }

    let client: GraphClient
    let time: GraphTime
    let clock: any MonotonicClock
    let wallClock: @Sendable () -> Timestamp

    private var now: ContinuousClock.Instant { clock.now }

    /// Reads, and tries again after what passes, while there is time before `end`.
    ///
    /// - Throws: ``GraphError`` without an outcome.
    func read<Value: Sendable>(
        _ request: GraphRequest,
        until end: ContinuousClock.Instant,
        noting attempts: inout [GraphAttempt],
        decode: (ByteBuffer) -> Value?
    ) async throws(GraphError) -> Read<Value> {
        var tries = 0
        while true {
            do throws(GraphError) {
                return try await readOnce(
                    request,
                    until: end,
                    repeatedFor: tries > 0 ? .failed : nil,
                    noting: &attempts,
                    decode: decode
                )
            } catch {
                tries += 1
                let pause = error.retryAfter ?? Self.pauses[min(tries, Self.pauses.count) - 1]
                guard tries < Self.tries, error.isPassing, now.advanced(by: pause) < end else { throw error }
                try? await client.pause(for: pause)
                if Task.isCancelled { throw GraphError(.unavailable, outcome: nil) }
            }
        }
    }

    /// Reads once; a 401 is answered with one fresh access token and one more read.
    ///
    /// - Parameter reason: why it is read once more, where it was read before.
    /// - Throws: ``GraphError`` without an outcome.
    func readOnce<Value: Sendable>(
        _ request: GraphRequest,
        until end: ContinuousClock.Instant,
        repeatedFor reason: GraphMetrics.RetryReason? = nil,
        noting attempts: inout [GraphAttempt],
        decode: (ByteBuffer) -> Value?
    ) async throws(GraphError) -> Read<Value> {
        var renewed = false
        while true {
            let token = try await client.accessToken(deadline: end)
            let asked = now
            let (exchange, record) = await client.attempt(
                request,
                number: attempts.count + 1,
                repeatedFor: renewed ? .unauthorized : reason,
                token: token,
                deadline: end
            )
            attempts.append(record)
            switch exchange {
            case .success(let response) where response.status == .ok:
                guard let value = decode(response.body) else {
                    throw GraphError(.failed, outcome: nil, fault: GraphFault(response))
                }
                let date = response.fields[.date].flatMap { Timestamp(httpDate: $0) }
                let answered = now
                let clock = GraphClock(date: date, asked: asked, answered: answered, fallback: wallClock())
                time.note(clock)
                return Read(value: value, clock: clock, asked: asked, answered: answered)
            case .success(let response) where response.status == .unauthorized && !renewed:
                await client.dropAfterUnauthorized(token, GraphFault(response))
                renewed = true
            case .success(let response):
                let fault = GraphFault(response)
                if response.status == .unauthorized { await client.dropAfterUnauthorized(token, fault) }
                if response.status == .forbidden { await client.renewAfterForbidden(token) }
                throw GraphError(
                    .init(readStatus: response.status.code),
                    outcome: nil,
                    retryAfter: fault.retryAfter,
                    fault: fault
                )
            case .failure(let error):
                throw GraphError(.init(read: error), outcome: nil, transportError: error)
            }
        }
    }
}

extension GraphError {
    /// Worth another read. A redirect or a refusal would come again; a 200 that is no profile may be a page that something in between
    /// shows for a moment.
    fileprivate var isPassing: Bool {
        switch kind {
        case .throttled, .unreachable, .timedOut: true
        case .failed: fault.map { $0.status == 200 || $0.status == 408 || $0.status >= 500 } ?? true
        default: false
        }
    }
}

extension GraphError.Kind {
    fileprivate init(readStatus status: Int) {
        switch status {
        case 401: self = .unauthorized
        case 403: self = .forbidden
        case 404: self = .profileNotFound
        case 429: self = .throttled
        default: self = .failed
        }
    }

    fileprivate init(read error: TransportError) {
        switch error.kind {
        case .nameNotResolved, .connectFailed, .tlsFailed, .refused: self = .unreachable
        case .timedOut: self = .timedOut
        case .overloaded: self = .overloaded
        case .cancelled, .unavailable: self = .unavailable
        case .connectionLost, .responseTooLarge, .malformedResponse, .internal: self = .failed
        }
    }
}
