import Entra
import HTTPTypes
import Logging
import Transport

/// Reading the profile: before a send where its token could be confused with ours, and after one whose answer was lost.
extension TokenCreation {
    /// A "no" needs two reads that agree, the last at least this long after the send ended: Graph may lag, or still be at work.
    static let settlingTime = Duration.seconds(3)
    /// Reading back goes on no longer than this after the send ended, nor past the deadline.
    static let readBackLimit = Duration.seconds(10)
    /// How often a baseline is tried.
    static let baselineTries = 3
    private static let pauses: [Duration] = [.milliseconds(500), .seconds(1), .milliseconds(1600)]

    /// What one read showed, the clock of its answer, and when it was asked for.
    typealias Read = (state: TokenState, clock: GraphClock, asked: ContinuousClock.Instant)

    /// Reads what the profile shows before anything is sent.
    ///
    /// - Throws: ``GraphError`` with the outcome `notCreated`.
    mutating func readBaseline(until end: ContinuousClock.Instant) async throws(GraphError) -> Read {
        var tries = 0
        while true {
            do throws(GraphError) {
                return try await read(until: end)
            } catch {
                tries += 1
                let pause = error.retryAfter ?? Self.pauses[min(tries, Self.pauses.count) - 1]
                guard tries < Self.baselineTries, error.isPassing, now.advanced(by: pause) < end else {
                    throw failure(error.notCreated)
                }
                try? await tokens.clock.sleep(for: pause)
                if Task.isCancelled { throw failure(GraphError(.unavailable, outcome: .notCreated)) }
            }
        }
    }

    /// Finds out what came of a send whose answer was lost or useless.
    ///
    /// - Throws: ``GraphError``: `failed` with `notCreated` after two agreeing reads, else `outcomeUnknown`.
    mutating func readBack(
        baseline: Baseline,
        window: ReadBackWindow,
        fault: GraphFault?,
        transportError: TransportError?
    ) async throws(GraphError) -> CreatedToken {
        let end = min(deadline, window.ended.advanced(by: Self.readBackLimit))
        let settled = window.ended.advanced(by: Self.settlingTime)
        var agreeing = 0
        var tries = 0
        while now < end {
            // A read that fails says nothing; the next one may.
            if let read = try? await read(until: end) {
                switch sighting(of: read, baseline: baseline, window: window) {
                case .ours:
                    remember(window, after: baseline, isCertain: true)
                    return found(read.state, fault: fault)
                case .before: agreeing += 1
                case .other: agreeing = 0
                }
                // After an end of our own making, a time-out for example, Graph may still be at work: then no number of reads proves a "no".
                if agreeing >= 2, read.asked >= settled, transportError?.isOwnDoing != true {
                    tokens.history.forget(profile)
                    throw failure(
                        GraphError(.failed, outcome: .notCreated, fault: fault, transportError: transportError)
                    )
                }
            }
            let pause = Self.pauses[min(tries, Self.pauses.count - 1)]
            tries += 1
            guard now.advanced(by: pause) < end, (try? await tokens.clock.sleep(for: pause)) != nil else { break }
        }
        throw failure(GraphError(.outcomeUnknown, outcome: .unknown, fault: fault, transportError: transportError))
    }

    private func sighting(of read: Read, baseline: Baseline, window: ReadBackWindow) -> Sighting {
        if tokens.seen.isLate(read.state, of: profile, asked: read.asked) { return .other }
        let sighting = baseline.sighting(of: read.state, window: window, on: read.clock)
        // What was there before the send is not what the send created, whatever the baseline showed.
        let isOlder = tokens.seen.wasSeen(read.state, on: profile, before: window.sent)
        return sighting == .ours && isOlder ? .other : sighting
    }

    private func found(_ state: TokenState, fault: GraphFault?) -> CreatedToken {
        let expiresAt = state.expiresAt ?? (state.createdAt ?? tokens.wallClock()) + validity
        return CreatedToken(
            createdAt: state.createdAt ?? expiresAt - validity,
            expiresAt: expiresAt,
            graphRequestID: fault?.requestID,
            evidence: .readBack,
            attempts: attempts
        )
    }

    /// Reads the profile's token once; a 401 is answered with one fresh access token and one more read.
    private mutating func read(until end: ContinuousClock.Instant) async throws(GraphError) -> Read {
        var renewed = false
        while true {
            let token = try await tokens.client.accessToken(deadline: end)
            let asked = now
            let request = GraphRequest.readToken(profile, at: tokens.configuration.baseURL)
            let (exchange, record) = await tokens.client.attempt(request, token: token, deadline: end)
            attempts.append(record)
            switch exchange {
            case .success(let response) where response.status == .ok:
                guard let state = TokenState(decoding: response.body) else {
                    throw GraphError(.failed, outcome: nil, fault: GraphFault(response))
                }
                let date = response.fields[.date].flatMap { Timestamp(httpDate: $0) }
                return (state, GraphClock(date: date, asked: asked, answered: now, fallback: tokens.wallClock()), asked)
            case .success(let response) where response.status == .unauthorized && !renewed:
                await tokens.client.dropAfterUnauthorized(token, GraphFault(response))
                renewed = true
            case .success(let response):
                let fault = GraphFault(response)
                if response.status == .unauthorized { await tokens.client.dropAfterUnauthorized(token, fault) }
                if response.status == .forbidden { await tokens.client.renewAfterForbidden(token) }
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

extension TransportError {
    /// We ended the exchange ourselves, so that Graph may still be at work on it.
    fileprivate var isOwnDoing: Bool {
        switch kind {
        case .timedOut, .cancelled, .overloaded, .unavailable, .internal: true
        default: false
        }
    }
}

extension GraphError {
    /// Worth another read.
    fileprivate var isPassing: Bool {
        switch kind {
        case .throttled, .unreachable, .failed, .timedOut: true
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
