import NIOCore

/// Lets the first bytes through and holds back what follows until it is released: a slow caller, as the server sees it.
final class HeldWrites: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer

    private let release: EventLoopFuture<Void>
    private var isFirst = true
    private var held: [(data: NIOAny, promise: EventLoopPromise<Void>?)]? = []

    init(until release: EventLoopFuture<Void>) { self.release = release }

    func handlerAdded(context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        release.hop(to: context.eventLoop).whenComplete { _ in
            let (handler, context) = bound.value
            for (data, promise) in handler.held ?? [] { context.write(data, promise: promise) }
            handler.held = nil
            context.flush()
        }
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isFirst, held != nil else {
            isFirst = false
            return context.write(data, promise: promise)
        }
        held?.append((data, promise))
    }
}
