import Entra
import Logging
import Transport

/// One creation, inside its profile's turn: baseline → pacing → access token → send → what came of it.
///
/// Only the send repeats: once after a 401, at most twice when it provably was not sent or was refused unread (429 included).
/// Each time takes a pacing permit of its own. Whatever else happens after the first byte is read back, never sent again.
struct TokenCreation {
    /// How often a send that provably did nothing is repeated.
    static let sendAgainLimit = 2
    /// The first pause before such a repetition where Graph names none; doubled for the second.
    static let firstPause = Duration.milliseconds(500)

    let tokens: EnrollmentTokens
    let profile: ProfileReference
    let validityInSeconds: Int
    let deadline: ContinuousClock.Instant
    var attempts: [GraphAttempt] = []

    /// When a send's exchange has to be over.
    private let sendEnd: ContinuousClock.Instant
    /// When a send has to begin.
    private let lastSend: ContinuousClock.Instant
    private var sentAgain = 0
    private var renewedFor401 = false

    init(
        of tokens: EnrollmentTokens,
        profile: ProfileReference,
        validityInSeconds: Int,
        deadline: ContinuousClock.Instant
    ) {
        self.tokens = tokens
        self.profile = profile
        self.validityInSeconds = validityInSeconds
        self.deadline = deadline
        sendEnd = deadline.advanced(by: .zero - tokens.configuration.readBackReserve)
        lastSend = sendEnd.advanced(by: .zero - tokens.configuration.leastSendTime)
    }

    var validity: Duration { .seconds(validityInSeconds) }
    var now: ContinuousClock.Instant { tokens.clock.now }
    private var configuration: GraphConfiguration { tokens.configuration }

    mutating func run() async throws(GraphError) -> CreatedToken {
        let baseline = try await baseline()
        var lastRefusal: GraphError?
        while true {
            let token: AccessToken
            do {
                token = try await permission()
            } catch {
                throw failure(lastRefusal ?? error)
            }
            let request = GraphRequest.createToken(
                profile,
                validityInSeconds: validityInSeconds,
                at: configuration.baseURL
            )
            let sent = now
            let (exchange, record) = await tokens.client.attempt(request, token: token, deadline: sendEnd)
            attempts.append(record)
            let window = ReadBackWindow(sent: sent, ended: now, validity: validity)
            switch CreateAnswer(exchange) {
            case .created(let graphRequestID, let date):
                remember(window, after: baseline, isCertain: true)
                tokens.seen.replaced(on: profile)
                return created(graphRequestID: graphRequestID, date: date)
            case .refused(let kind, let fault):
                throw refusal(kind, fault, exchange)
            case .forbidden(let fault):
                await tokens.client.renewAfterForbidden(token)
                throw refusal(.forbidden, fault, exchange)
            case .unauthorized(let fault):
                try await renew(after: fault, token: token)
            case .throttled(let fault):
                lastRefusal = try await pause(
                    GraphError(.throttled, outcome: .notCreated, fault: fault),
                    asked: fault.retryAfter
                )
            case .notSent(let error):
                lastRefusal = try await pause(
                    GraphError(.unreachable, outcome: .notCreated, transportError: error),
                    asked: nil
                )
            case .ambiguous(let fault, let error):
                remember(window, after: baseline, isCertain: false)
                return try await finish { (creation: inout TokenCreation) async throws(GraphError) in
                    try await creation.readBack(
                        baseline: baseline,
                        window: window,
                        fault: fault,
                        transportError: error
                    )
                }
            }
        }
    }

    // MARK: Before the send

    private mutating func baseline() async throws(GraphError) -> Baseline {
        let span = deadline - now
        let last = tokens.history.last(of: profile)
        if let last, !tokens.history.needsBaseline(for: profile, validity: validity, now: now, span: span) {
            return .created(last)
        }
        let read = try await readBaseline(until: lastSend)
        if tokens.seen.isLate(read.state, of: profile, asked: read.asked) { return .late }
        guard let last, read.asked - last.answered <= CreationHistory.latest else {
            return .read(read.state, createdAt: read.state.createdAt)
        }
        let isOlder = tokens.seen.wasSeen(read.state, on: profile, before: last.sent)
        if last.isShown(by: read.state, on: read.clock), !isOlder {
            return .read(read.state, createdAt: read.state.creation(living: last.validity))
        }
        // Graph may lag: what it does not show yet must not be taken for the token that is about to be created.
        return .read(read.state, createdAt: read.state.createdAt, pending: last)
    }

    /// A pacing permit and an access token, in this order: a token must not grow old while waiting for a permit.
    private func permission() async throws(GraphError) -> AccessToken {
        try requireUse()
        do {
            try await tokens.pacing.permit(before: lastSend)
        } catch {
            if Task.isCancelled { throw GraphError(.unavailable, outcome: .notCreated) }
            throw GraphError(.throttled, outcome: .notCreated, retryAfter: error.retryAfter)
        }
        let token: AccessToken
        do {
            token = try await tokens.client.accessToken(deadline: lastSend)
        } catch {
            throw error.notCreated
        }
        try requireUse()
        return token
    }

    /// There is time to send, and somebody to send for.
    private func requireUse() throws(GraphError) {
        if Task.isCancelled { throw GraphError(.unavailable, outcome: .notCreated) }
        if now > lastSend { throw GraphError(.timedOut, outcome: .notCreated) }
    }

    // MARK: After an answer

    /// Keeps in mind what was created, or may have been: the next token on the profile must be told from it.
    func remember(_ window: ReadBackWindow, after baseline: Baseline, isCertain: Bool) {
        let creation = CreationHistory.Creation(
            sent: window.sent,
            answered: window.ended,
            validity: window.validity,
            isCertain: isCertain,
            before: baseline.times
        )
        tokens.history.record(creation, of: profile)
    }

    private func created(graphRequestID: String?, date: Timestamp?) -> CreatedToken {
        let createdAt = date ?? tokens.wallClock()
        return CreatedToken(
            createdAt: createdAt,
            expiresAt: createdAt + validity,
            graphRequestID: graphRequestID,
            evidence: .answer,
            attempts: attempts
        )
    }

    /// Does `work` to its end though the caller be gone: what was sent is found out about and logged.
    ///
    /// In a task of its own, because one that is cancelled can neither wait nor ask. It is awaited here, so that the profile's
    /// turn lasts as long.
    private mutating func finish(
        _ work: @escaping @Sendable (inout TokenCreation) async throws(GraphError) -> CreatedToken
    ) async throws(GraphError) -> CreatedToken {
        let start = self
        let (result, end) = await Task { () -> (Result<CreatedToken, GraphError>, TokenCreation) in
            var creation = start
            do throws(GraphError) {
                return (.success(try await work(&creation)), creation)
            } catch {
                return (.failure(error), creation)
            }
        }.value
        self = end
        return try result.get()
    }

    private mutating func renew(after fault: GraphFault, token: AccessToken) async throws(GraphError) {
        // Also the second one: nobody else is to begin with a token that is known to be rejected.
        await tokens.client.dropAfterUnauthorized(token, fault)
        guard !renewedFor401 else { throw failure(GraphError(.unauthorized, outcome: .notCreated, fault: fault)) }
        renewedFor401 = true
    }

    /// Waits before the same request is sent again.
    ///
    /// - Throws: `error` when it was repeated often enough, or when the deadline leaves no time for it.
    /// - Returns: `error`, for the case that nothing can be sent after the pause.
    private mutating func pause(_ error: GraphError, asked: Duration?) async throws(GraphError) -> GraphError {
        let pause = asked ?? Self.firstPause * (1 << sentAgain) * tokens.jitter()
        var error = error
        error.retryAfter = pause
        if error.isThrottled { tokens.pacing.close(for: pause) }
        sentAgain += 1
        guard sentAgain <= Self.sendAgainLimit, now.advanced(by: pause) <= lastSend else { throw failure(error) }
        do {
            try await tokens.clock.sleep(for: pause)
        } catch {
            throw failure(GraphError(.unavailable, outcome: .notCreated))
        }
        return error
    }

    private func refusal(_ kind: GraphError.Kind, _ fault: GraphFault, _ exchange: GraphClient.Exchange) -> GraphError {
        var transportError: TransportError?
        if case .failure(let error) = exchange { transportError = error }
        return failure(
            GraphError(
                kind,
                outcome: .notCreated,
                retryAfter: fault.retryAfter,
                fault: fault.status == 0 ? nil : fault,
                transportError: transportError
            )
        )
    }

    func failure(_ error: GraphError) -> GraphError {
        var error = error
        error.attempts = attempts
        return error
    }
}

extension GraphError {
    /// The same before anything was sent.
    var notCreated: GraphError {
        var error = self
        error.outcome = .notCreated
        return error
    }

    fileprivate var isThrottled: Bool {
        if case .throttled = kind { true } else { false }
    }
}
