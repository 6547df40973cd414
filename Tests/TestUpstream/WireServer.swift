import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
package import NIOSSL
import NIOTLS

/// A server over TLS on loopback that answers byte by byte, or frame by frame, what a test's closure says.
///
/// It speaks HTTP/2 or HTTP/1.1, whichever TLS agreed on, and knows just enough of them to tell one request from the next; with
/// HTTP/2 it also acknowledges SETTINGS and PING. Answering is all the test's.
package final class WireServer: Sendable {
    /// What a test hears of a connection.
    package enum Event: Equatable, Sendable {
        /// TLS is up, and nothing was read.
        case ready
        /// A request's head is here, and maybe more to come.
        case began
        /// The whole request is here.
        case received
    }

    /// The stream of HTTP/2; with HTTP/1.1 which request it is, counted from 1; 0 for the connection itself.
    package typealias Script = @Sendable (Event, _ stream: UInt32, WireConnection) -> Void

    package let port: Int
    private let channel: any Channel
    private let log: WireLog
    private let silentPort = NIOLockedValueBox<SilentPort?>(nil)

    package convenience init(
        _ context: NIOSSLContext,
        at address: String = "127.0.0.1",
        port: Int = 0,
        script: @escaping Script
    ) async throws {
        try await self.init(at: address, port: port, entrance: { _ in .tls(context) }, script: script)
    }

    /// - Parameters:
    ///   - port: 0 lets the system choose one.
    ///   - settings: the first frame on an HTTP/2 connection.
    ///   - entrance: what the n-th connection meets, counted from 0.
    package init(
        at address: String = "127.0.0.1",
        port: Int = 0,
        settings: HTTP2Frame = .settings,
        entrance: @escaping @Sendable (Int) -> Entrance,
        script: @escaping Script
    ) async throws {
        let log = WireLog()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture { try Self.closeInPrograms(channel) }
            }
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try Self.closeInPrograms(channel)
                    let index = log.nextConnection()
                    let pipeline = channel.pipeline.syncOperations
                    let entrance = entrance(index)
                    guard case .tls(let context) = entrance else {
                        return try pipeline.addHandler(BareHandler(entrance, log: log))
                    }
                    let wire = WireHandler()
                    let handler = WireConnection.Handler(
                        index: index,
                        wire: wire,
                        log: log,
                        settings: settings,
                        script: script
                    )
                    let names = ByteToMessageHandler(
                        SNIHandler { result in
                            if case .hostname(let name) = result {
                                log.state.withLockedValue {
                                    if $0.serverNames.count < WireLog.most { $0.serverNames.append(name) }
                                }
                            }
                            return channel.eventLoop.makeSucceededVoidFuture()
                        }
                    )
                    try pipeline.addHandlers(names, wire, NIOSSLServerHandler(context: context), handler)
                }
            }
            .bind(host: address, port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    /// A program that another test starts must not get a copy of the connection: then closing it here would not end it.
    private static func closeInPrograms(_ channel: any Channel) throws {
        try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(of: NIOBSDSocket.Handle.self) { socket in
            _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
        }
    }

    package var url: String { "https://127.0.0.1:\(port)" }
    /// Requests that came whole.
    package var receivedCount: Int { log.state.withLockedValue(\.received) }
    /// Requests that were begun, whole or not.
    package var beganCount: Int { log.state.withLockedValue(\.began) }
    package var connectionCount: Int { log.state.withLockedValue(\.connections) }
    /// What each connection agreed on (RFC 7301).
    package var negotiated: [String?] { log.state.withLockedValue(\.negotiated) }
    /// The names that clients asked for in their handshakes (RFC 6066 §3).
    package var serverNames: [String] { log.state.withLockedValue(\.serverNames) }
    /// Connections that are open now.
    package var openCount: Int { log.state.withLockedValue(\.open) }
    /// Streams that the client has reset.
    package var resetCount: Int { log.state.withLockedValue(\.resets) }

    /// Stops listening, and keeps the port from others. The connections that there are go on.
    package func stopListening(_ manner: SilentPort.Manner) async throws {
        // A closed channel has no address any more.
        let address = channel.localAddress?.ipAddress ?? "127.0.0.1"
        try await channel.close()
        silentPort.withLockedValue { $0 = nil }
        // A program that another test starts at this moment has a copy of the listening socket until it executes.
        for attempt in 1... {
            do {
                let silent = try SilentPort(port, at: address, manner)
                return silentPort.withLockedValue { $0 = silent }
            } catch let taken as SilentPort.Taken where taken.error == EADDRINUSE && attempt < 500 {
                try await Task.sleep(for: .milliseconds(10))
            }
        }
    }
}

final class WireLog: Sendable {
    struct State {
        var began = 0
        var received = 0
        var connections = 0
        var open = 0
        var resets = 0
        var negotiated: [String?] = []
        var serverNames: [String] = []
    }

    /// More connections than this are counted, and no more is kept of them.
    static let most = 1_000

    let state = NIOLockedValueBox(State())

    func nextConnection() -> Int {
        state.withLockedValue { state in
            state.connections += 1
            state.open += 1
            return state.connections - 1
        }
    }
}

/// The way to the socket past TLS.
final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func end(with death: Death) { context?.end(with: death) }
}
