import Foundation
import Glibc
import NIOConcurrencyHelpers

/// A TCP server on loopback that does to each connection what a test's closure says, with blocking calls on a thread each.
///
/// It knows just enough of HTTP/1.1 to read a request whole. It ends with the object.
package final class RawServer: Sendable {
    package typealias Serve = @Sendable (RawConnection) -> Void

    package let port: Int
    /// Every request that was read whole, as it comes.
    package let arrivals: AsyncStream<RawRequest>
    private let listener: Int32
    private let log: RawLog

    /// - Parameter keepsRequests: off for so many that keeping them would look like a leak.
    package init(keepsRequests: Bool = true, _ serve: @escaping Serve) throws {
        // Not for programs that other tests start meanwhile: where such a one has a copy, closing is no end.
        listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let listener = listener
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                bind(listener, pointer, length) == 0 && listen(listener, 1024) == 0
                    && getsockname(listener, pointer, &length) == 0
            }
        }
        guard isBound else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        port = Int(UInt16(bigEndian: address.sin_port))
        let (arrivals, arrival) = AsyncStream.makeStream(of: RawRequest.self)
        self.arrivals = arrivals
        let log = RawLog(keepsRequests: keepsRequests, arrival: arrival)
        self.log = log
        Thread.detachNewThread {
            while true {
                let descriptor = accept(listener, nil, nil)
                guard descriptor >= 0 else { return }
                _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
                let connection = RawConnection(descriptor: descriptor, index: log.nextConnection(), log: log)
                Thread.detachNewThread {
                    serve(connection)
                    connection.close()
                }
            }
        }
    }

    deinit {
        // Wakes accept; the thread then ends.
        shutdown(listener, Int32(SHUT_RDWR))
        Glibc.close(listener)
    }

    /// Every request that was read whole so far.
    package var requests: [RawRequest] { log.requests }
    package var connectionCount: Int { log.connectionCount }
}

/// One HTTP/1.1 request as it came.
package struct RawRequest: Sendable {
    /// Request line and fields, without the empty line.
    package let head: String
    package let body: String
    /// Which connection it came on, counted from 0.
    package let connection: Int

    /// The value of a field, whose name is compared without regard to case.
    package func field(_ name: String) -> String? {
        for line in head.split(separator: "\r\n").dropFirst() {
            let parts = line.split(separator: ":", maxSplits: 1)
            if parts[0].lowercased() == name.lowercased() {
                return parts.count > 1 ? parts[1].trimmingCharacters(in: .whitespaces) : ""
            }
        }
        return nil
    }

    package var path: String { String(head.split(separator: " ")[1]) }
}

/// What all connections of a server write down.
final class RawLog: Sendable {
    private struct State {
        var requests: [RawRequest] = []
        var connectionCount = 0
    }

    private let state = NIOLockedValueBox(State())
    private let keepsRequests: Bool
    private let arrival: AsyncStream<RawRequest>.Continuation

    init(keepsRequests: Bool, arrival: AsyncStream<RawRequest>.Continuation) {
        self.keepsRequests = keepsRequests
        self.arrival = arrival
    }

    var requests: [RawRequest] { state.withLockedValue(\.requests) }
    var connectionCount: Int { state.withLockedValue(\.connectionCount) }

    func nextConnection() -> Int {
        state.withLockedValue { state in
            defer { state.connectionCount += 1 }
            return state.connectionCount
        }
    }

    func add(_ request: RawRequest) {
        guard keepsRequests else { return }
        state.withLockedValue { $0.requests.append(request) }
        arrival.yield(request)
    }
}
