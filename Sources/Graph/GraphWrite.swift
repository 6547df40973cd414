import Entra
import Traces
import Transport

/// One thing that is to be changed on a profile, in the profile's turn: sending it, and sending it again where it provably was not
/// done.
///
/// Only what Graph has not acted on is sent again by itself: once after a 401, at most twice when it was not sent, refused unread,
/// or throttled. Each send takes a pacing permit of its own.
struct GraphWrite: Sendable {
    /// How often a send that provably did nothing is repeated.
    static let sendAgainLimit = 2
    /// The first pause before such a repetition where Graph names none; doubled for the second.
    static let firstPause = Duration.milliseconds(500)

    /// How a send ended, where it was done or may have been.
    struct Ending {
        enum Result {
            case done(graphRequestID: String?, date: Timestamp?)
            /// Only reading tells.
            case ambiguous(GraphFault?, TransportError?)
        }
        var result: Result
        var sent: ContinuousClock.Instant
        /// When the exchange ended, however it ended.
        var ended: ContinuousClock.Instant
    }

    let tokens: EnrollmentTokens
    /// For whom: pacing is fair among callers.
    let caller: String
    let deadline: ContinuousClock.Instant
    /// Where it is put on record before it leaves; `nil` where nothing is kept.
    let record: (any WriteRecord)?
    /// What a refusal means for the thing that was to be done.
    let notDone: GraphError.Outcome
    /// When a send has to begin.
    let lastSend: ContinuousClock.Instant
    var attempts: [GraphAttempt] = []

    /// When a send's exchange has to be over.
    private let sendEnd: ContinuousClock.Instant
    private var sentAgain = 0
    private var renewedFor401 = false

    init(
        of tokens: EnrollmentTokens,
        for caller: String,
        deadline: ContinuousClock.Instant,
        notDone: GraphError.Outcome,
        record: (any WriteRecord)?
    ) {
        self.tokens = tokens
        self.caller = caller
        self.deadline = deadline
        self.notDone = notDone
        self.record = record
        sendEnd = deadline.advanced(by: .zero - tokens.configuration.readBackReserve)
        lastSend = sendEnd.advanced(by: .zero - tokens.configuration.leastSendTime)
    }

    var now: ContinuousClock.Instant { tokens.clock.now }

    /// Sends `request` until it is done, may have been done, or is refused for good.
    ///
    /// - Parameters:
    ///   - before: what the profile showed before, for the record.
    ///   - reason: why it is sent once more, where it was sent before.
    /// - Throws: ``GraphError`` with the outcome ``notDone``, which is certain.
    mutating func carryOut(
        _ request: GraphRequest,
        replacing before: TokenBefore,
        repeatedFor reason: GraphMetrics.RetryReason? = nil
    ) async throws(GraphError) -> Ending {
        var reason = reason
        var lastRefusal: GraphError?
        while true {
            let token: AccessToken
            do {
                token = try await permission()
                try await putOnRecord(before)
            } catch {
                throw failure(lastRefusal ?? error)
            }
            let sent = now
            var request = request
            if attempts.contains(where: { $0.operation == request.operation }) { request.purpose = .retry }
            let (exchange, record) = await tokens.client.attempt(
                request,
                number: attempts.count + 1,
                repeatedFor: reason,
                token: token,
                deadline: sendEnd
            )
            attempts.append(record)
            switch WriteAnswer(exchange) {
            case .done(let graphRequestID, let date):
                tokens.noteDate(date, asked: sent)
                return Ending(result: .done(graphRequestID: graphRequestID, date: date), sent: sent, ended: now)
            case .refused(let kind, let fault):
                throw refusal(kind, fault, exchange)
            case .forbidden(let fault):
                await tokens.client.renewAfterForbidden(token)
                throw refusal(.forbidden, fault, exchange)
            case .unauthorized(let fault):
                try await renew(after: fault, token: token)
                reason = .unauthorized
            case .throttled(let fault):
                lastRefusal = try await pause(
                    GraphError(.throttled, outcome: notDone, fault: fault),
                    asked: fault.retryAfter
                )
                reason = .throttled
            case .notSent(let error):
                lastRefusal = try await pause(
                    GraphError(.unreachable, outcome: notDone, transportError: error),
                    asked: nil
                )
                reason = .notSent
            case .ambiguous(let fault, let error):
                return Ending(result: .ambiguous(fault, error), sent: sent, ended: now)
            }
        }
    }

    /// `error` with what was asked of Graph on the way.
    func failure(_ error: GraphError) -> GraphError { error.noting(attempts) }

    /// The same for what failed before anything was sent.
    func failureBeforeSend(_ error: GraphError) -> GraphError {
        var error = failure(error)
        error.outcome = notDone
        return error
    }

    // MARK: Before a send

    /// A pacing permit and an access token, in this order: a token must not grow old while waiting for a permit.
    private func permission() async throws(GraphError) -> AccessToken {
        try requireUse()
        let asked = now
        do {
            let step = TraceSpan.step("pacing")
            defer { step?.end() }
            try await tokens.pacing.permit(for: caller, before: lastSend)
        } catch {
            tokens.metrics.waitedInVain(for: .pacing, since: asked, until: now)
            if Task.isCancelled { throw GraphError(.unavailable, outcome: notDone) }
            throw GraphError(.throttled, outcome: notDone, retryAfter: error.retryAfter)
        }
        do throws(PeerRefusal) {
            if let peers = tokens.peers {
                let step = TraceSpan.step("shared-pacing")
                tokens.peerPermitWaits.begin()
                defer {
                    tokens.peerPermitWaits.end()
                    step?.end()
                }
                try await peers.permit(before: lastSend)
            }
        } catch {
            tokens.metrics.waitedInVain(for: .pacing, since: asked, until: now)
            throw GraphError(peers: error, outcome: notDone)
        }
        tokens.metrics.waited(for: .pacing, since: asked, until: now)
        let token: AccessToken
        do {
            token = try await tokens.client.accessToken(deadline: lastSend)
        } catch {
            throw failureBeforeSend(error)
        }
        try requireUse()
        return token
    }

    /// The last thing before a send: from here on only Graph, or the record, knows whether it was done.
    private func putOnRecord(_ before: TokenBefore) async throws(GraphError) {
        guard let record else { return }
        do throws(NotRecorded) {
            try await record.willSend(tokens.sendFacts(replacing: before))
        } catch {
            throw GraphError(.notRecorded, outcome: notDone)
        }
        try requireUse()
    }

    /// There is time to send, and somebody to send for.
    private func requireUse() throws(GraphError) {
        if Task.isCancelled { throw GraphError(.unavailable, outcome: notDone) }
        if now > lastSend { throw GraphError(.timedOut, outcome: notDone) }
    }

    // MARK: After an answer

    private mutating func renew(after fault: GraphFault, token: AccessToken) async throws(GraphError) {
        // Also the second one: nobody else is to begin with a token that is known to be rejected.
        await tokens.client.dropAfterUnauthorized(token, fault)
        guard !renewedFor401 else { throw failure(GraphError(.unauthorized, outcome: notDone, fault: fault)) }
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
        if error.isThrottled {
            tokens.pacing.close(for: pause)
            await tokens.peers?.close(for: pause)
        }
        sentAgain += 1
        guard sentAgain <= Self.sendAgainLimit, now.advanced(by: pause) <= lastSend else { throw failure(error) }
        do {
            try await tokens.client.pause(for: pause)
        } catch {
            throw failure(GraphError(.unavailable, outcome: notDone))
        }
        return error
    }

    private func refusal(_ kind: GraphError.Kind, _ fault: GraphFault, _ exchange: GraphClient.Exchange) -> GraphError {
        var transportError: TransportError?
        if case .failure(let error) = exchange { transportError = error }
        return failure(
            GraphError(
                kind,
                outcome: notDone,
                retryAfter: fault.retryAfter,
                fault: fault.status == 0 ? nil : fault,
                transportError: transportError
            )
        )
    }
}

extension GraphError {
    fileprivate var isThrottled: Bool {
        if case .throttled = kind { true } else { false }
    }
}
