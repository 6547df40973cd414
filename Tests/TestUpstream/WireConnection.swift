import NIOConcurrencyHelpers
package import NIOCore
import NIOTLS

/// The server's end of a connection; used on its event loop only.
package final class WireConnection {
    package enum Version: Sendable {
        case http1, http2
    }

    /// Counted from 0.
    package let index: Int
    /// Known when TLS is up.
    package private(set) var version = Version.http1
    /// How many requests came whole on this connection, the present one included.
    package private(set) var received = 0
    /// What has come of each request's body.
    private var bodies: [UInt32: [UInt8]] = [:]
    /// Requests that have a body, or promise one.
    private var streamsWithBody: Set<UInt32> = []
    private var resetStreams: Set<UInt32> = []
    private var isOver = false
    private let context: ChannelHandlerContext
    private let wire: WireHandler

    fileprivate init(index: Int, context: ChannelHandlerContext, wire: WireHandler) {
        self.index = index
        self.context = context
        self.wire = wire
    }

    package func hasBody(_ stream: UInt32) -> Bool { streamsWithBody.contains(stream) }

    /// Whether the client has reset the stream.
    package func isReset(_ stream: UInt32) -> Bool { resetStreams.contains(stream) }

    package func body(_ stream: UInt32) -> String { String(decoding: bodies[stream] ?? [], as: UTF8.self) }

    package func send(_ frames: HTTP2Frame...) { send(frames) }

    package func send(_ frames: [HTTP2Frame]) { send(bytes: HTTP2Frame.bytes(frames)) }

    package func send(text: String) { send(bytes: Array(text.utf8)) }

    package func send(bytes: [UInt8]) { context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: nil) }

    /// Sends `bytes` again and again, each time when the last ones are gone, until `isEnough` or the end of the connection.
    /// What comes from the client is read in between.
    package func pour(_ bytes: [UInt8], until isEnough: @escaping () -> Bool) {
        guard !isEnough() else { return }
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, isEnough), eventLoop: context.eventLoop)
        let eventLoop = context.eventLoop
        written.futureResult.whenSuccess {
            eventLoop.scheduleTask(in: .milliseconds(1)) { bound.value.0.pour(bytes, until: bound.value.1) }
        }
        context.writeAndFlush(NIOAny(ByteBuffer(bytes: bytes)), promise: written)
    }

    /// Ends the connection. What comes after is not read.
    package func die(_ death: Death) {
        isOver = true
        if death == .goodbye { context.channel.close(promise: nil) } else { wire.end(with: death) }
    }

    /// Reads and says nothing any more, and keeps the connection.
    package func fallSilent() { isOver = true }

    /// Does it when what was sent before had time to be read by itself.
    package func later(
        _ delay: TimeAmount = .milliseconds(500),
        _ action: @escaping @Sendable (WireConnection) -> Void
    ) {
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: delay) { if bound.value.context.channel.isActive { action(bound.value) } }
    }

    /// On the connection's event loop, from anywhere.
    package var onLoop: NIOLoopBound<WireConnection> { NIOLoopBound(self, eventLoop: context.eventLoop) }

    final class Handler: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let index: Int
        private let wire: WireHandler
        private let log: WireLog
        private let settings: HTTP2Frame
        private let script: WireServer.Script
        private var connection: WireConnection?
        private var unread = ByteBuffer()
        private var hasPreface = false
        private var http1 = HTTP1Reader()

        init(
            index: Int,
            wire: WireHandler,
            log: WireLog,
            settings: HTTP2Frame,
            script: @escaping WireServer.Script
        ) {
            self.index = index
            self.wire = wire
            self.log = log
            self.settings = settings
            self.script = script
        }

        func handlerAdded(context: ChannelHandlerContext) {
            connection = WireConnection(index: index, context: context, wire: wire)
        }

        func channelInactive(context: ChannelHandlerContext) {
            log.state.withLockedValue { $0.open -= 1 }
            connection = nil
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

        func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
            guard case .handshakeCompleted(let negotiated)? = event as? TLSUserEvent, let connection else { return }
            log.state.withLockedValue { if $0.negotiated.count < WireLog.most { $0.negotiated.append(negotiated) } }
            connection.version = negotiated == "h2" ? .http2 : .http1
            script(.ready, 0, connection)
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard let connection, !connection.isOver else { return }
            var bytes = unwrapInboundIn(data)
            unread.writeBuffer(&bytes)
            switch connection.version {
            case .http1: while !connection.isOver, let part = http1.next(from: &unread) { handle(part, connection) }
            case .http2: readFrames(connection)
            }
        }

        private func handle(_ part: HTTP1Reader.Part, _ connection: WireConnection) {
            switch part {
            case .head(let stream, let hasBody): begin(stream, hasBody: hasBody, connection)
            case .end(let stream, let body):
                connection.bodies[stream] = body
                receive(stream, connection)
            }
        }

        private func readFrames(_ connection: WireConnection) {
            if !hasPreface {
                guard unread.readableBytes >= HTTP2Frame.preface.utf8.count else { return }
                unread.moveReaderIndex(forwardBy: HTTP2Frame.preface.utf8.count)
                hasPreface = true
                connection.send(settings)
            }
            while !connection.isOver, let frame = HTTP2Frame(from: &unread) { handle(frame, connection) }
        }

        private func handle(_ frame: HTTP2Frame, _ connection: WireConnection) {
            let isAcknowledgement = frame.flags & HTTP2Frame.acknowledgement != 0
            let isLast = frame.flags & HTTP2Frame.endStream != 0
            switch HTTP2Frame.Kind(rawValue: frame.kind) {
            case .settings? where !isAcknowledgement:
                connection.send(HTTP2Frame(.settings, flags: HTTP2Frame.acknowledgement))
            case .ping? where !isAcknowledgement:
                connection.send(HTTP2Frame(.ping, flags: HTTP2Frame.acknowledgement, payload: frame.payload))
            case .resetStream?:
                log.state.withLockedValue { $0.resets += 1 }
                connection.resetStreams.insert(frame.stream)
            case .headers?:
                begin(frame.stream, hasBody: !isLast, connection)
                if isLast, !connection.isOver { receive(frame.stream, connection) }
            case .data?:
                connection.bodies[frame.stream, default: []] += frame.payload
                if isLast { receive(frame.stream, connection) }
            default:
                break
            }
        }

        private func begin(_ stream: UInt32, hasBody: Bool, _ connection: WireConnection) {
            log.state.withLockedValue { $0.began += 1 }
            if hasBody { connection.streamsWithBody.insert(stream) }
            script(.began, stream, connection)
        }

        private func receive(_ stream: UInt32, _ connection: WireConnection) {
            log.state.withLockedValue { $0.received += 1 }
            connection.received += 1
            script(.received, stream, connection)
        }
    }
}
