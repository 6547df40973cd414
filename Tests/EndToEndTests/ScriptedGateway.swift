import Foundation
import Synchronization
import TestSupport

/// In a gateway's place: answers each request as a test says, and does not even answer where the test wants that.
final class ScriptedGateway: Sendable {
    enum Reply {
        case answer(Int, String, retryAfter: Int? = nil)
        /// The connection ends in order, without an answer.
        case close
        /// The connection ends with a reset.
        case reset

        static func problem(_ status: Int, _ code: String, outcome: String?, retryAfter: Int? = nil) -> Reply {
            // The nested code is there to be taken for the problem's own, and the detail for the end of a text.
            let outcome = outcome.map { #", "outcome": "\#($0)""# } ?? ""
            let body =
                #"{"graph": {"code": "BadRequest"}, "code": "\#(code)", "detail": "It is \"so\".""# + outcome + "}"
            return .answer(status, body, retryAfter: retryAfter)
        }

        static func created(_ more: String = "") -> Reply {
            .answer(
                201,
                #"{"profileId": "\#(Deployment.profile)", "tokenValidityInSeconds": 3600, "#
                    + #""createdAt": "2030-01-01T00:00:00Z", "expiresAt": "\#(ScriptedGateway.end)"\#(more)}"#
            )
        }

        static let complete = created(#", "representation": "complete", "value": "\#(ScriptedGateway.value)""#)
        static let pending = created(#", "representation": "pending""#)

        /// What a GET shows.
        static func shown(_ value: String, until end: String = ScriptedGateway.end) -> Reply {
            let body = #"{"status": "active", "expiresAt": "\#(end)", "secondsLeft": 9, "value": "\#(value)"}"#
            return .answer(200, body)
        }

        static let withoutLedger = problem(400, "idempotency-unavailable", outcome: "not-created")
    }

    struct Arrival {
        let request: RawRequest
        let time: ContinuousClock.Instant

        var isPost: Bool { request.head.hasPrefix("POST ") }
        var key: String? { request.field("Idempotency-Key") }
    }

    static let end = "2030-01-01T01:00:00Z"
    static let value = "ABCDEFGHIJKLMNOPQRST"

    private let server: RawServer
    private let log: ArrivalLog

    /// - Parameter reply: for the n-th request, counted from 0.
    init(_ reply: @escaping @Sendable (_ index: Int, Arrival) -> Reply) throws {
        let log = ArrivalLog()
        self.log = log
        server = try RawServer { connection in
            while let request = connection.readRequest() {
                let arrival = Arrival(request: request, time: .now)
                switch reply(log.add(arrival), arrival) {
                case .close: return
                case .reset: return connection.reset()
                case .answer(let status, let body, let retryAfter):
                    let field = retryAfter.map { "Retry-After: \($0)\r\n" } ?? ""
                    connection.send(
                        "HTTP/1.1 \(status) Scripted\r\nContent-Type: application/json\r\n"
                            + "Content-Length: \(body.utf8.count)\r\n\(field)\r\n\(body)"
                    )
                }
            }
        }
    }

    /// The first replies in their order, and the last one for all that comes after them.
    convenience init(_ replies: Reply...) throws {
        try self.init { index, _ in replies[min(index, replies.count - 1)] }
    }

    var url: String { "http://127.0.0.1:\(server.port)" }
    var arrivals: [Arrival] { log.arrivals.withLock { $0 } }
}

private final class ArrivalLog: Sendable {
    let arrivals = Mutex<[ScriptedGateway.Arrival]>([])

    /// How many were there before.
    func add(_ arrival: ScriptedGateway.Arrival) -> Int {
        arrivals.withLock { arrivals in
            arrivals.append(arrival)
            return arrivals.count - 1
        }
    }
}
