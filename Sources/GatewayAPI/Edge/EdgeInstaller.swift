import NIOCore
import NIOHTTPTypesHTTP1

/// Puts the edge where Hummingbird offers no place: in front of the codec that turns HTTP/1 parts into Hummingbird's, which
/// no longer shows the request target and the fields as they came, and in front of the parser, where bytes can be counted.
///
/// Hummingbird adds it behind the codec; once that is done it is of no more use, and passes everything through.
final class EdgeInstaller: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = NIOAny

    private let limits: EdgeLimits
    private let log: EdgeLog
    private let callers: CallerConnections

    init(limits: EdgeLimits, log: EdgeLog, callers: CallerConnections) {
        self.limits = limits
        self.log = log
        self.callers = callers
    }

    func handlerAdded(context: ChannelHandlerContext) {
        let pipeline = context.pipeline.syncOperations
        let edge = EdgeHandler(limits: limits, log: log, callers: callers)
        do {
            let codec = try pipeline.handler(type: HTTP1ToHTTPServerCodec.self)
            try pipeline.addHandler(edge, position: .before(codec))
            try pipeline.addHandler(ByteWatch(edge: edge), position: .first)
        } catch {
            // Without its edge a connection would have no limits.
            context.close(promise: nil)
        }
    }
}

/// Tells the edge of bytes before and after they are parsed.
final class ByteWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let edge: EdgeHandler
    private var edgeContext: ChannelHandlerContext?

    init(edge: EdgeHandler) { self.edge = edge }

    func handlerAdded(context: ChannelHandlerContext) {
        edgeContext = try? context.pipeline.syncOperations.context(handler: edge)
    }

    func handlerRemoved(context: ChannelHandlerContext) { edgeContext = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard let edgeContext, edge.bytesArrived(unwrapInboundIn(data), context: edgeContext) else { return }
        context.fireChannelRead(data)
        edge.bytesParsed(context: edgeContext)
    }
}
