import Activity
import Graph
import HTTPTypes
import Hummingbird
import Traces
import Transport

/// Says of each request what was asked and what came of it: in the metrics, in one line of the log at `info`, and in what is kept for
/// the console.
///
/// All in one place, for each request pays for it.
struct ReportMiddleware: RouterMiddleware {
    let log: AccessLog
    /// `nil` where nothing is measured.
    let metrics: RequestMetrics?
    /// `nil` where nothing is kept.
    var history: RequestHistory?
    let routes: RouteTable
    let clock: any MonotonicClock

    func handle(
        _ request: Request,
        context: GatewayContext,
        next: (Request, GatewayContext) async throws -> Response
    ) async throws -> Response {
        // What people read would crowd out what was asked.
        let history = routes.isForAPI(context.place) ? history : nil
        guard log.isOn || metrics != nil || history != nil else { return try await next(request, context) }
        let start = clock.now
        let steps = history.map { _ in StepLog() }
        let response =
            if let steps {
                try await steps.surround { try await next(request, context) }
            } else {
                try await next(request, context)
            }
        let end = clock.now
        let route = routes.template(at: context.place)
        let status = response.status.code
        let facts = context.record.noted
        metrics?.answered(request.method, route, status: status, in: end - start, facts)
        if log.isOn {
            var line = AccessLine(requestID: context.requestID, method: request.method.rawValue, status: status)
            line.route = route
            line.duration = end - start
            line.facts = facts
            line.trace = TraceSpan.current?.trace
            log.write(line)
        }
        if let history, !response.isAnswerToPreflight(request) {
            var summary = RequestSummary(
                requestID: context.requestID,
                startedAt: .now - (end - start),
                duration: end - start,
                method: request.method.boundedName,
                route: route,
                status: status
            )
            summary.add(facts, waits: steps?.waits ?? [], since: start)
            history.add(summary, at: end)
        }
        return response
    }
}

extension Response {
    /// A browser has asked whether a page may ask.
    fileprivate func isAnswerToPreflight(_ request: Request) -> Bool {
        request.method == .options && status == .noContent
    }
}

extension RequestSummary {
    fileprivate mutating func add(
        _ facts: RequestRecord.Facts,
        waits steps: [StepLog.Wait],
        since start: ContinuousClock.Instant
    ) {
        caller = facts.caller
        keyID = facts.keyID
        profileID = facts.profileID
        code = facts.code
        outcome = facts.outcome
        recordID = facts.recordID
        isReplay = facts.isReplay
        callerLeft = facts.callerLeft
        waits = steps.map { Wait(step: $0.step, offset: $0.start - start, duration: $0.duration) }
        attempts = facts.attempts.suffix(Self.mostAttempts).map { Attempt($0, offset: $0.startedAt - start) }
    }
}
