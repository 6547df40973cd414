import NIOCore
import NIOHTTP2

/// The end of one HTTP/2 connection: tells its caller when it is time to open another one, and closes this one then.
///
/// The goodbye (GOAWAY) has two steps, so that no request meets a connection that is being closed: what comes before the caller has
/// heard the first one is answered, and the second one names the last request. That one is said by NIO's own handler of ends, which
/// stands behind this one, and waits for its caller for as long as that likes.
final class HTTP2ConnectionHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTP2Frame
    typealias InboundOut = HTTP2Frame
    typealias OutboundIn = HTTP2Frame
    typealias OutboundOut = HTTP2Frame

    /// `unsaid` → `said` → `heard` → `final`.
    private enum Goodbye {
        case unsaid
        /// New requests are answered as before.
        case said(HTTP2Goodbye, deadline: Scheduled<Void>)
        /// The caller has acknowledged it, or had time to.
        case heard
        /// New requests are refused unread (REFUSED_STREAM).
        case final
    }

    private let limits: EdgeLimits
    private let connections: CallerConnections
    private var context: ChannelHandlerContext?
    private var streams = 0
    private var openStreams = 0
    private var goodbye = Goodbye.unsaid
    private var lastActive = NIODeadline.now()
    private var idleTimer: Scheduled<Void>?
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
        startIdling()
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
        // Not before its first request: who has just come would go with nothing.
        if connections.areEnding || streams >= limits.maximumRequestsPerConnection ?? .max { sayGoodbye() }
    }

    fileprivate func streamClosed() {
        openStreams -= 1
        guard openStreams == 0 else { return }
        if case .final = goodbye { startEnd() } else { startIdling() }
    }

    private func beginEnding() {
        if streams > 0 { sayGoodbye() }
    }

    // MARK: The goodbye

    private func sayGoodbye() {
        guard case .unsaid = goodbye, let context else { return }
        let first = HTTP2Goodbye()
        first.send(context)
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        // A caller that does not answer to it is left all the same.
        let deadline = context.eventLoop.scheduleTask(in: TimeAmount(limits.goodbyeTimeout)) { bound.value.goOn() }
        goodbye = .said(first, deadline: deadline)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if case .said(let first, let deadline) = goodbye, first.isAcknowledged(by: unwrapInboundIn(data)) {
            deadline.cancel()
            goOn()
        }
        context.fireChannelRead(data)
    }

    private func goOn() {
        goodbye = .heard
        context?.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        // The server stops, and what is on its way is answered all the same.
        if event is ChannelShouldQuiesceEvent { return sayGoodbye() }
        context.fireUserInboundEventTriggered(event)
    }

    // MARK: The end

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .heard = goodbye, case .goAway = unwrapOutboundIn(data).payload {
            goodbye = .final
            if openStreams == 0 { startEnd() }
        }
        context.write(data, promise: promise)
    }

    func close(context: ChannelHandlerContext, mode: CloseMode, promise: EventLoopPromise<Void>?) {
        // The last goodbye may still wait for a flush (swift-nio-http2 1.46).
        context.flush()
        context.close(mode: mode, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // The stream has been reset, and the others go on. After any other error NIO reads nothing more.
        if !HTTP2Limits.endsOneStream(error) { context.close(promise: nil) }
    }

    /// One timer at a time, which looks whether there was something to do meanwhile.
    private func startIdling() {
        lastActive = .now()
        if idleTimer == nil { scheduleIdleEnd() }
    }

    private func scheduleIdleEnd() {
        guard let context else { return }
        let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
        let idleEnd = lastActive + TimeAmount(limits.idleTimeout)
        idleTimer = context.eventLoop.scheduleTask(deadline: idleEnd) {
            let handler = bound.value
            handler.idleTimer = nil
            guard handler.openStreams == 0 else { return }
            if handler.lastActive + TimeAmount(handler.limits.idleTimeout) <= .now() {
                handler.sayGoodbye()
            } else {
                handler.scheduleIdleEnd()
            }
        }
    }

    /// A caller that does not answer to the last goodbye is left all the same.
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
        idleTimer?.cancel()
        idleTimer = nil
        if case .said(_, let deadline) = goodbye { deadline.cancel() }
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
