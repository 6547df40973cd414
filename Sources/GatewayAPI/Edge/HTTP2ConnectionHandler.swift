import NIOCore
import NIOHTTP2

/// The end of one HTTP/2 connection: tells its caller when it is time to open another one, and closes this one then.
///
/// It stands between the frames and NIO's own handler of ends, which says goodbye (GOAWAY) in two steps, so that no request meets
/// a connection that is being closed, but waits for its caller for as long as that likes.
final class HTTP2ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    private let limits: EdgeLimits
    private let connections: CallerConnections
    private var context: ChannelHandlerContext?
    private var streams = 0
    private var openStreams = 0
    /// Opened after the goodbye was said.
    private var lateStreams = 0
    private var saidGoodbye = false
    private var end: Scheduled<Void>?
    private var stall: Scheduled<Void>?

    init(limits: EdgeLimits, connections: CallerConnections) {
        self.limits = limits
        self.connections = connections
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        connections.tellOfEnd(context.channel) { bound.value.beginEnding() }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        stopTimers()
        self.context = nil
    }

    func channelInactive(context: ChannelHandlerContext) {
        stopTimers()
        context.fireChannelInactive()
    }

    /// A caller that reads nothing of its answers loses its connection, with all streams. To end a stream alone would be one frame
    /// more that it does not read, and for which the stream waits.
    func channelWritabilityChanged(context: ChannelHandlerContext) {
        stall?.cancel()
        stall = nil
        if !context.channel.isWritable, context.channel.isActive {
            let channel = context.channel
            stall = context.eventLoop.scheduleTask(in: TimeAmount(limits.writeTimeout)) { channel.cut() }
        }
        context.fireChannelWritabilityChanged()
    }

    // MARK: Requests

    fileprivate func streamCreated() {
        streams += 1
        openStreams += 1
        stop()
        if saidGoodbye {
            lateStreams += 1
            // It does not want to hear it.
            if lateStreams > HTTP2Limits.concurrentStreams { context?.close(promise: nil) }
        } else if connections.areEnding || streams >= limits.maximumRequestsPerConnection ?? .max {
            // Not before its first request: who has just come would go with nothing.
            sayGoodbye()
        }
    }

    fileprivate func streamClosed() {
        openStreams -= 1
        if openStreams == 0, saidGoodbye { startEnd() }
    }

    private func beginEnding() {
        if streams > 0 { sayGoodbye() }
    }

    private func sayGoodbye() { context?.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }

    // MARK: The end

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if !saidGoodbye, case .goAway = unwrapOutboundIn(data).payload {
            saidGoodbye = true
            if openStreams == 0 { startEnd() }
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The stream has been reset, and the others go on. After any other error NIO reads nothing more.
        if !HTTP2Limits.endsOneStream(error) { context.close(promise: nil) }
    }

    /// A caller that does not answer to the goodbye is left all the same.
    private func startEnd() {
        guard end == nil, let context else { return }
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        end = context.eventLoop.scheduleTask(in: TimeAmount(EdgeLimits.lingerTime)) { bound.value.close(promise: nil) }
    }

    private func stop() {
        end?.cancel()
        end = nil
    }

    private func stopTimers() {
        stop()
        stall?.cancel()
        stall = nil
    }
}

/// Tells both handlers of a connection's end what becomes of its streams.
struct HTTP2Streams: NIOHTTP2StreamDelegate {
    private let connection: NIOLoopBound<HTTP2ConnectionHandler>
    private let goodbye: NIOHTTP2ServerConnectionManagementHandler.HTTP2StreamDelegate

    /// On the connection's event loop.
    init(
        _ connection: HTTP2ConnectionHandler,
        _ goodbye: NIOHTTP2ServerConnectionManagementHandler,
        on loop: any EventLoop
    ) {
        self.connection = NIOLoopBound(connection, eventLoop: loop)
        self.goodbye = goodbye.http2StreamDelegate
    }

    func streamCreated(_ id: HTTP2StreamID, channel: any Channel) {
        goodbye.streamCreated(id, channel: channel)
        connection.value.streamCreated()
    }

    func streamClosed(_ id: HTTP2StreamID, channel: any Channel) {
        goodbye.streamClosed(id, channel: channel)
        connection.value.streamClosed()
    }
}
