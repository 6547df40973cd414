import Entra
import Explanations
import HTTPTypes
import Logging
import Settings
import Traces
import Transport

/// Sends single requests to Graph, and says what each came to.
///
/// It decides nothing: see ``TokenCreation``.
final class GraphClient: Sendable {
    /// What one attempt brought.
    typealias Exchange = Result<UpstreamResponse, TransportError>

    private let transport: any HTTPTransport
    private let tokens: any AccessTokenSource
    let clock: any MonotonicClock
    let metrics: GraphMetrics

    init(
        transport: any HTTPTransport,
        tokens: any AccessTokenSource,
        clock: any MonotonicClock,
        metrics: GraphMetrics = GraphMetrics()
    ) {
        self.transport = transport
        self.tokens = tokens
        self.clock = clock
        self.metrics = metrics
    }

    /// Sends `request` once, under a `client-request-id` of its own as Graph's support asks for.
    ///
    /// - Parameters:
    ///   - number: which one it is of those that are made for one request, from 1.
    ///   - reason: why it is sent once more, where it is.
    func attempt(
        _ request: GraphRequest,
        number: Int,
        repeatedFor reason: GraphMetrics.RetryReason? = nil,
        token: AccessToken,
        deadline: ContinuousClock.Instant
    ) async -> (exchange: Exchange, record: GraphAttempt) {
        if let reason { metrics.retried(request.operation, reason) }
        let id = RandomID.guid()
        let start = clock.now
        let traced = TracedExchange("Graph \(request.operation.rawValue)")
        let exchange = await traced.execute(
            request.upstream(token: token, deadline: deadline, id: id),
            with: transport
        )
        let (status, fields, error) = exchange.ending
        let record = GraphAttempt(
            operation: request.operation,
            purpose: request.purpose,
            number: number,
            startedAt: start,
            clientRequestID: id,
            status: status?.code,
            requestID: GraphFault.requestID(in: fields),
            error: error,
            duration: clock.now - start
        )
        metrics.attempted(record)
        if let span = traced.span {
            span.note("graph.operation", record.operation.rawValue)
            span.note("graph.purpose", record.purpose.rawValue)
            span.note("graph.attempt", record.number)
            span.note("graph.request_id", record.requestID)
            span.note("graph.client_request_id", record.clientRequestID)
            span.end()
        }
        log(record, exchange, token)
        return (exchange, record)
    }

    /// - Throws: ``GraphError`` without an outcome: whoever asks knows what it means for a request.
    func accessToken(deadline: ContinuousClock.Instant) async throws(GraphError) -> AccessToken {
        let start = clock.now
        defer { metrics.waited(for: .accessToken, since: start, until: clock.now) }
        let step = TraceSpan.step("access-token")
        defer { step?.end() }
        do {
            return try await tokens.accessToken(deadline: deadline)
        } catch {
            step?.fail(error.reason.rawValue)
            // Entra gives tokens, and Graph takes none of them: that is Graph's 401, not Entra's absence.
            let kind: GraphError.Kind = error.reason == .tokenRejected ? .unauthorized : .credential(error)
            throw GraphError(kind, outcome: nil, retryAfter: error.retryAfter)
        }
    }

    /// Graph answered 401 to `token`: the next one asked for will be another. Where Graph refuses fresh ones too, the source
    /// paces itself, and says so with ``EntraError/Reason/tokenRejected``.
    func dropAfterUnauthorized(_ token: AccessToken, _ fault: GraphFault) async {
        await tokens.invalidate(token, challenge: fault.challenge)
    }

    func renewAfterForbidden(_ token: AccessToken) async { await tokens.renewAfterForbidden(token) }

    /// What came back, and where it was no success why: a 403 is for somebody to act on, everything else is seen through.
    private func log(_ record: GraphAttempt, _ exchange: Exchange, _ token: AccessToken) {
        let logger = Logger.current
        if case .success(let response) = exchange, response.status.code < 400, .debug < logger.logLevel { return }
        var facts: Logger.Metadata = [
            "graph.operation": "\(record.operation.rawValue)",
            "graph.client_request_id": "\(record.clientRequestID)",
            "graph.duration_ms": "\(record.duration.milliseconds)",
        ]
        facts["graph.status"] = record.status.map { "\($0)" }
        facts["graph.request_id"] = record.requestID.map { "\($0)" }
        switch exchange {
        case .success(let response) where response.status.code < 400:
            logger.debug("Graph answered", metadata: facts)
        case .success(let response):
            let fault = GraphFault(response)
            facts["graph.code"] = fault.code.map { "\($0)" }
            facts["graph.activity_id"] = fault.activityID.map { "\($0)" }
            // An upstream, or a proxy in its place, may give back what it was sent.
            let isEcho = token.value.reveal { secret in fault.message?.contains(secret) ?? false }
            facts["graph.message"] = isEcho ? nil : fault.message.map { "\($0)" }
            let permissions = fault.namedPermissions
            facts["graph.permissions"] = permissions.isEmpty ? nil : "\(permissions.joined(separator: " "))"
            facts["graph.remedy"] = fault.explanation.map { "\($0.remedy)" }
            let level: Logger.Level = response.status == .forbidden ? .error : .warning
            logger.log(level: level, "Graph refused or failed", metadata: facts)
        case .failure(let error):
            facts["transport.error"] = "\(error.kind.rawValue)"
            facts["transport.delivery"] = "\(error.delivery.rawValue)"
            facts["transport.detail"] = "\(error.detail)"
            facts["graph.remedy"] = Explanations.find(error.kind.rawValue, in: .transport).map { "\($0.remedy)" }
            logger.warning("Graph did not answer in full", metadata: facts)
        }
    }
}

extension GraphClient.Exchange {
    /// Of what did come back of an answer.
    fileprivate var ending: (status: HTTPResponse.Status?, fields: HTTPFields, error: TransportError.Kind?) {
        switch self {
        case .success(let response): (response.status, response.fields, nil)
        case .failure(let error): (error.status, error.fields, error.kind)
        }
    }
}
