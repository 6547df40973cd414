import HTTPTypes
import Synchronization
import Transport

/// Passes requests on, and writes down what became of each `createToken`.
final class WatchedTransport: HTTPTransport {
    private let transport: any HTTPTransport
    private let log = Mutex<[String]>([])

    init(_ transport: any HTTPTransport) { self.transport = transport }

    /// One for each time that `createToken` was handed over.
    var outcomes: [String] { log.withLock { $0 } }

    func execute(_ request: UpstreamRequest) async throws(TransportError) -> UpstreamResponse {
        do throws(TransportError) {
            let response = try await transport.execute(request)
            note(request, "answered \(response.status.code)")
            return response
        } catch {
            note(request, Self.words(for: error))
            throw error
        }
    }

    private func note(_ request: UpstreamRequest, _ outcome: String) {
        if request.method == .post { log.withLock { $0.append(outcome) } }
    }

    private static func words(for error: TransportError) -> String {
        let status = error.status.map { " after \($0.code)" } ?? ""
        return switch error.delivery {
        case .notSent: "not sent: \(error.kind.rawValue)"
        case .refused: "refused unread"
        case .unknown: "unknown: \(error.kind.rawValue)\(status)"
        }
    }
}
