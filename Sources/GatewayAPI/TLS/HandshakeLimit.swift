import NIOCore
import NIOTLS

/// Closes a connection whose TLS handshake is not over in time, which is short once the server begins to stop. It stands behind TLS in
/// the pipeline, and leaves it with the handshake, or else when that time is over.
final class HandshakeLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let limit: Duration
    private let last: Duration
    private let failed: (Failure) -> Void
    private var timer: Scheduled<Void>?
    /// The handshake is.
    private var isOver = false
    /// The server is stopping, which those who come with the handshake's end hear when the time is over.
    private var isStopping = false

    enum Failure: Sendable { case refused, late }

    /// - Parameters:
    ///   - limit: how long the handshake may take.
    ///   - last: how long it may still take, with the first request behind it, when the server begins to stop.
    ///   - failed: is told of a handshake that comes to nothing.
    init(_ limit: Duration, last: Duration, failed: @escaping (Failure) -> Void) {
        self.limit = limit
        self.last = last
        self.failed = failed
    }

    func handlerAdded(context: ChannelHandlerContext) { startTimer(limit, context) }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isOver else { return context.fireErrorCaught(error) }
        // TLS closes the connection by itself.
        if timer != nil { failed(.refused) }
        stop()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted:
            isOver = true
            context.fireUserInboundEventTriggered(event)
            if !isStopping { leave(context) }
        case is ChannelShouldQuiesceEvent where isStopping:
            // Now it is in a hurry.
            timeIsOver(context)
        case is ChannelShouldQuiesceEvent:
            // It was begun for a request, which is not here yet when the handshake is over: with TLS 1.2 the caller waits for that.
            isStopping = true
            startTimer(last, context)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func startTimer(_ time: Duration, _ context: ChannelHandlerContext) {
        stop()
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(time)) {
            let (handler, context) = bound.value
            handler.timer = nil
            handler.timeIsOver(context)
        }
    }

    private func timeIsOver(_ context: ChannelHandlerContext) {
        guard isOver else {
            failed(.late)
            return context.close(promise: nil)
        }
        context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        leave(context)
    }

    private func leave(_ context: ChannelHandlerContext) {
        stop()
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
    }

    private func stop() {
        timer?.cancel()
        timer = nil
    }
}
