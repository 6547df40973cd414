import Logging
import NIOCore
import Synchronization

/// Why a connection was closed, or kept waiting, before it could bring a request.
package enum ConnectionRefusal: String, Sendable, CaseIterable {
    /// Its address has as many as it may have.
    case addressLimit = "address-limit"
    /// There are as many as there may be: it, and those behind it, wait until others are closed.
    case connectionLimit = "connection-limit"
    /// Its TLS handshake came to nothing.
    case handshakeFailed = "handshake-failed"
    /// Its TLS handshake took too long.
    case handshakeTimeout = "handshake-timeout"
}

/// Counts refused connections, and tells the log of them: of each reason once in a while, since they come in floods.
final class ConnectionRefusals: Sendable {
    /// Between two lines with the same reason.
    static let interval: TimeAmount = .seconds(60)

    private struct Count {
        var total = 0
        /// Not told yet.
        var untold = 0
        var nextLine = NIODeadline.uptimeNanoseconds(0)
    }

    private let logger: Logger
    private let state = Mutex<[ConnectionRefusal: Count]>([:])

    init(logger: Logger) { self.logger = logger }

    /// Since the start.
    var counts: [ConnectionRefusal: Int] { state.withLock { $0.mapValues(\.total) } }

    func note(_ reason: ConnectionRefusal, from address: SocketAddress?, at now: NIODeadline = .now()) {
        let toTell = state.withLock { state -> Int? in
            var count = state[reason, default: Count()]
            defer { state[reason] = count }
            count.total += 1
            count.untold += 1
            guard now >= count.nextLine else { return nil }
            defer { count.untold = 0 }
            count.nextLine = now + Self.interval
            return count.untold
        }
        guard let toTell else { return }
        logger.notice(
            "Connections refused",
            metadata: [
                "reason": "\(reason.rawValue)", "connections": "\(toTell)",
                "peer.address": "\(address?.ipAddress ?? "unknown")",
            ]
        )
    }
}
