import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import Synchronization
import Transport

/// Asks the routes for the answer to one request.
struct CallerResponder<Responder: HTTPResponder>: Sendable where Responder.Context == GatewayContext {
    private let responder: Responder
    private let logger: Logger
    private let date = DateField()

    init(responder: Responder, logger: Logger) {
        self.responder = responder
        self.logger = logger
    }

    func answer(_ request: CallerRequest, on channel: any Channel, record: RequestRecord) async -> CallerAnswer {
        let context = GatewayContext(source: .init(channel: channel, logger: logger), record: record)
        var answer: CallerAnswer
        do {
            answer = try await CallerAnswer(responder.respond(to: request.request, context: context))
        } catch {
            // ProblemMiddleware lets no error through, and no body of ours fails.
            answer = CallerAnswer(status: .internalServerError, fields: [.contentLength: "0"])
        }
        answer.fields[.date] = date.text
        return answer
    }
}

/// The text of `Date` (RFC 9110 §6.6.1), made anew each second.
private final class DateField: Sendable {
    private let made = Mutex((second: -1.0, text: ""))

    var text: String {
        let now = Timestamp.now
        let second = now.secondsSince1970.rounded(.down)
        return made.withLock { made in
            if made.second != second { made = (second, now.httpDate) }
            return made.text
        }
    }
}
