import NIOCore
import NIOTLS

/// Closes a connection whose TLS handshake is not over in time, or not when the server begins to stop. It stands behind TLS
/// in the pipeline, and leaves it with the handshake.
final class HandshakeLimit: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    static let limit = TimeAmount.seconds(10)

    private var timer: Scheduled<Void>?

    func handlerAdded(context: ChannelHandlerContext) {
        let connection = context.channel
        timer = context.eventLoop.scheduleTask(in: Self.limit) { connection.close(promise: nil) }
    }

    func handlerRemoved(context: ChannelHandlerContext) { timer?.cancel() }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case TLSUserEvent.handshakeCompleted:
            context.fireUserInboundEventTriggered(event)
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        case is ChannelShouldQuiesceEvent:
            // Nobody is served yet, so there is nothing to finish.
            context.close(promise: nil)
        default:
            context.fireUserInboundEventTriggered(event)
        }
    }
}
