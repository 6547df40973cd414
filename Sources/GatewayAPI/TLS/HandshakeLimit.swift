import NIOCore
import NIOTLS

/// Closes a connection whose TLS handshake is not over in time, which is short once the server begins to stop. It stands behind TLS in
/// the pipeline, and leaves it with the handshake.
final class HandshakeLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private let limit: Duration
    private let last: Duration
    private let failed: (Failure) -> Void
    private var timer: Scheduled<Void>?
    /// The server is stopping, which those who come with the handshake's end have still to hear.
    private var isStopping = false

    enum Failure: Sendable { case refused, late }

    /// - Parameters:
    ///   - limit: how long the handshake may take.
    ///   - last: how long it may still take when the server begins to stop.
    ///   - failed: is told of a handshake that comes to nothing.
    init(_ limit: Duration, last: Duration, failed: @escaping (Failure) -> Void) {
        self.limit = limit
        self.last = last
        self.failed = failed
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        timer = context.eventLoop.scheduleTask(in: TimeAmount(limit)) {
            let (handler, context) = bound.value
            handler.timer = nil
            handler.failed(.late)
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { stop() }

    func channelInactive(context: ChannelHandlerContext) {
        stop()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // TLS closes the connection by itself.
        if timer != nil { failed(.refused) }
        stop()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted:
            stop()
            context.fireUserInboundEventTriggered(event)
            if isStopping { context.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        case is ChannelShouldQuiesceEvent:
            isStopping = true
            stop()
            // It was begun for a request.
            let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
            timer = context.eventLoop.scheduleTask(in: TimeAmount(last)) {
                bound.value.close(promise: nil)
            }
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }

    private func stop() {
        timer?.cancel()
        timer = nil
    }
}
