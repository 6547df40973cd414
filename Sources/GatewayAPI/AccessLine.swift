import KeyRing
import LogFacts
import Logging
import Traces
import Transport

/// One line of the access log: what was asked, what was answered, and what Graph said.
///
/// Neither the query nor any field of the request is in it, and of the path only the route's pattern.
struct AccessLine {
    static let message = "request"

    var requestID: String
    /// As it was sent.
    var method: String
    var status: Int
    /// The route's pattern; `nil` for a path that is none.
    var route: String?
    /// From its head to its answer; `nil` for one that was none.
    var duration: Duration?
    var facts = RequestRecord.Facts()
    var trace: TraceContext?

    init(requestID: String, method: String, status: Int) {
        self.requestID = requestID
        self.method = method
        self.status = status
    }

    /// Room for all of them.
    private static let mostMembers = 18

    var members: LogFacts {
        var line = LogFacts(capacity: Self.mostMembers)
        line.add("caller", facts.caller)
        line.add("caller.left", facts.callerLeft ? "true" : nil)
        line.add("duration_ms", duration.map { String($0.milliseconds) })
        line.add("graph.request_id", facts.graphRequestID)
        line.add("http.method", method)
        line.add("http.route", route ?? "none")
        line.add("http.status", String(status))
        line.add("idempotency.replayed", facts.isReplay ? "true" : nil)
        line.add("key.id", facts.keyID?.description)
        line.add("ledger.record", facts.recordID)
        line.add("outcome", facts.outcome)
        line.add("problem.code", facts.code)
        line.add("profile.id", facts.profileID)
        line.add("request.id", requestID)
        line.add("span.id", trace?.span.description)
        line.add("trace.id", trace?.trace.description)
        line.add("upstream.requests", facts.graphRequests > 0 ? String(facts.graphRequests) : nil)
        line.add("upstream.status", facts.graphStatus.map { String($0) })
        return line
    }
}

/// Where the access lines go.
struct AccessLog: Sendable {
    private let logger: FactsLogger

    init(_ logger: Logger) { self.logger = FactsLogger(logger) }

    var isOn: Bool { logger.isWriting(.info) }

    func write(_ line: AccessLine) { logger.log(level: .info, AccessLine.message, facts: line.members) }
}
