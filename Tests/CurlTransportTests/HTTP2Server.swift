import Glibc
import NIOConcurrencyHelpers
import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// An HTTP/2 server over TLS on loopback that answers frame by frame what a test's closure says.
///
/// It acknowledges SETTINGS and PING, and counts streams that were received whole. Answering is all the test's.
final class HTTP2Server: Sendable {
    /// What a test hears of a stream.
    enum Event: Equatable {
        /// Its head is here, and maybe more to come.
        case began
        /// The whole request is here.
        case received
    }

    typealias Script = @Sendable (Event, _ stream: UInt32, HTTP2Connection) -> Void

    let port: Int
    private let channel: any Channel
    private let log: HTTP2Log

    /// - Parameter port: 0 lets the system choose one.
    init(
        _ context: NIOSSLContext,
        at address: String = "127.0.0.1",
        port: Int = 0,
        script: @escaping Script
    ) async throws {
        let log = HTTP2Log()
        self.log = log
        channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let wire = WireHandler()
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(
                            SNIHandler { result in
                                if case .hostname(let name) = result {
                                    log.state.withLockedValue { $0.serverNames.append(name) }
                                }
                                return channel.eventLoop.makeSucceededVoidFuture()
                            }
                        ),
                        wire,
                        NIOSSLServerHandler(context: context),
                        HTTP2Connection.Handler(wire: wire, log: log, script: script)
                    )
                }
            }
            .bind(host: address, port: port).get()
        self.port = channel.localAddress?.port ?? 0
    }

    deinit { channel.close(promise: nil) }

    var url: String { "https://127.0.0.1:\(port)" }
    /// Streams whose request came whole.
    var receivedCount: Int { log.state.withLockedValue(\.received) }
    /// Streams that were opened, whole or not.
    var beganCount: Int { log.state.withLockedValue(\.began) }
    var connectionCount: Int { log.state.withLockedValue(\.connections) }
    /// What each connection agreed on (RFC 7301).
    var negotiated: [String?] { log.state.withLockedValue(\.negotiated) }
    /// The names that clients asked for in their handshakes (RFC 6066 §3).
    var serverNames: [String] { log.state.withLockedValue(\.serverNames) }
    /// Connections that are open now.
    var openCount: Int { log.state.withLockedValue(\.open) }
    /// Streams that the client has reset.
    var resetCount: Int { log.state.withLockedValue(\.resets) }
}

final class HTTP2Log: Sendable {
    struct State {
        var began = 0
        var received = 0
        var connections = 0
        var open = 0
        var resets = 0
        var negotiated: [String?] = []
        var serverNames: [String] = []
    }

    let state = NIOLockedValueBox(State())
}

/// The way to the socket past TLS.
private final class WireHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    private(set) var context: ChannelHandlerContext?

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }
}

/// How a test ends a connection.
enum Death: CaseIterable, Sendable {
    /// With TLS's goodbye, close_notify.
    case goodbye
    /// TCP's FIN alone.
    case drop
    /// TCP's RST.
    case reset

    /// Those that there are without TLS.
    static let onTCP: [Death] = [.drop, .reset]
}

/// The server's end of a connection; used on its event loop only.
final class HTTP2Connection {
    /// Counted from 0.
    let index: Int
    /// How many streams came whole on this connection, the present one included.
    fileprivate(set) var received = 0
    private let context: ChannelHandlerContext
    private let wire: WireHandler

    fileprivate init(index: Int, context: ChannelHandlerContext, wire: WireHandler) {
        self.index = index
        self.context = context
        self.wire = wire
    }

    func send(_ frames: HTTP2Frame...) {
        var buffer = ByteBuffer()
        for frame in frames { frame.write(to: &buffer) }
        context.writeAndFlush(NIOAny(buffer), promise: nil)
    }

    /// Ends the connection.
    func die(_ death: Death) {
        if death == .goodbye { return context.channel.close(promise: nil) }
        if death == .reset {
            // Zero seconds of lingering: what is unsent is thrown away, and the far side told so.
            let options = context.channel as? any SocketOptionProvider
            _ = options?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        wire.context?.close(promise: nil)
    }

    /// Does it when what was sent before had time to be read by itself.
    func later(_ action: @escaping @Sendable (HTTP2Connection) -> Void) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(100)) { action(bound.value) }
    }

    fileprivate final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let wire: WireHandler
        private let log: HTTP2Log
        private let script: HTTP2Server.Script
        private var connection: HTTP2Connection?
        private var unread = ByteBuffer()
        private var hasPreface = false

        init(wire: WireHandler, log: HTTP2Log, script: @escaping HTTP2Server.Script) {
            self.wire = wire
            self.log = log
            self.script = script
        }

        func handlerAdded(context: ChannelHandlerContext) {
            let index = log.state.withLockedValue { state in
                state.connections += 1
                state.open += 1
                return state.connections - 1
            }
            connection = HTTP2Connection(index: index, context: context, wire: wire)
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.state.withLockedValue { $0.open -= 1 }
            connection = nil
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent else { return }
            log.state.withLockedValue { $0.negotiated.append(negotiated) }
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            var bytes = unwrapInboundIn(data)
            unread.writeBuffer(&bytes)
            if !hasPreface {
                guard unread.readableBytes >= HTTP2Frame.preface.utf8.count else { return }
                unread.moveReaderIndex(forwardBy: HTTP2Frame.preface.utf8.count)
                hasPreface = true
                connection?.send(.settings)
            }
            while let frame = HTTP2Frame(from: &unread) { handle(frame) }
        }

        private func handle(_ frame: HTTP2Frame) {
            guard let connection, let kind = HTTP2Frame.Kind(rawValue: frame.kind) else { return }
            switch kind {
            case .settings where frame.flags & HTTP2Frame.acknowledgement == 0:
                connection.send(HTTP2Frame(.settings, flags: HTTP2Frame.acknowledgement))
            case .ping where frame.flags & HTTP2Frame.acknowledgement == 0:
                connection.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledgement, payload: frame.payload))
            case .resetStream:
                log.state.withLockedValue { $0.resets += 1 }
            case .headers, .data:
                if kind == .headers {
                    log.state.withLockedValue { $0.began += 1 }
                    script(.began, frame.stream, connection)
                }
                guard frame.flags & HTTP2Frame.endStream != 0 else { return }
                log.state.withLockedValue { $0.received += 1 }
                connection.received += 1
                script(.received, frame.stream, connection)
            default:
                break
            }
        }
    }
}
