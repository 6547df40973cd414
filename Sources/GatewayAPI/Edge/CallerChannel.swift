import HummingbirdCore
import Logging
import NIOCore
import NIOHTTP1
import NIOSSL
import NIOTLS

/// What each connection of a caller is made of, from its bytes to the tasks that answer.
///
/// In the place of Hummingbird's own, whose asynchronous sequences cost more than all of the edge (2.28.1), and which answer
/// what they cannot parse with an empty 400. Everything behind the parser speaks HTTP/1 parts, as the streams of an HTTP/2
/// connection do.
struct CallerChannel: ServerChildChannel {
    let limits: EdgeLimits
    let connections: CallerConnections
    /// `nil` for plain HTTP.
    let security: NIOSSLContext?
    let log: EdgeLog
    /// Whose pages may read what the edge answers by itself, too.
    let origins: AllowedOrigins
    let respond: ExchangeHandler.Respond
    let executors = LoopExecutors()

    init(
        limits: EdgeLimits,
        connections: CallerConnections,
        security: NIOSSLContext? = nil,
        log: EdgeLog,
        origins: AllowedOrigins,
        respond: @escaping ExchangeHandler.Respond
    ) {
        self.limits = limits
        self.connections = connections
        self.security = security
        self.log = log
        self.origins = origins
        self.respond = respond
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<CallerConnection> {
        channel.eventLoop.makeCompletedFuture {
            let exchanges = ConnectionExchanges(channel)
            if !connections.admit(channel) {
                try channel.pipeline.syncOperations.addHandler(Refusal())
            } else if let security {
                try addTLS(security, to: channel, exchanges)
            } else {
                try addHTTP1(to: channel, exchanges)
            }
            return CallerConnection(channel: channel, exchanges: exchanges)
        }
    }

    /// What follows is added when the handshake has shown which version of HTTP the caller speaks (ALPN, RFC 7301).
    private func addTLS(_ context: NIOSSLContext, to channel: any Channel, _ exchanges: ConnectionExchanges) throws {
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(NIOSSLServerHandler(context: context))
        let handshake = HandshakeLimit(limits.headerTimeout, last: limits.lastTLSHandshake) { [connections] failure in
            connections.refuse(failure == .late ? .handshakeTimeout : .handshakeFailed, channel)
        }
        try pipeline.addHandler(handshake)
        let bound = NIOLoopBound(exchanges, eventLoop: channel.eventLoop)
        let negotiation = ApplicationProtocolNegotiationHandler { result, channel in
            channel.eventLoop.makeCompletedFuture {
                if result == .negotiated("h2") {
                    try addHTTP2(to: channel, bound.value)
                } else {
                    try addHTTP1(to: channel, bound.value)
                }
            }
        }
        try pipeline.addHandler(negotiation)
    }

    private func addHTTP1(to channel: any Channel, _ exchanges: ConnectionExchanges) throws {
        let pipeline = channel.pipeline.syncOperations
        var decoderLimits = NIOHTTPDecoderLimitConfiguration()
        decoderLimits.maxHeaderFieldSize = limits.maximumHeaderBytes
        decoderLimits.maxHeaderListSize = limits.maximumHeaderBytes
        decoderLimits.maxHeaderFieldCount = limits.maximumHeaderFields
        try pipeline.configureHTTPServerPipeline(
            // Requests wait for their turn behind the edge.
            withPipeliningAssistance: false,
            // The edge has words for what cannot be parsed.
            withErrorHandling: false,
            // HTTPTypes has seen to it.
            withOutboundHeaderValidation: false,
            withEncoderConfiguration: .init(),
            withDecoderLimitConfiguration: decoderLimits
        )
        let edge = EdgeHandler(limits: limits, connections: connections, log: log, origins: origins)
        let handler = ExchangeHandler(executor: executors.executor(of: channel.eventLoop), respond: respond)
        try pipeline.addHandler(edge)
        let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
        try pipeline.addHandler(ByteWatch(edge: edge), position: .before(decoder))
        try pipeline.addHandler(handler)
        exchanges.add(handler)
    }

    func handle(value connection: CallerConnection, logger: Logger) async {
        await withTaskCancellationHandler {
            await connection.ended()
        } onCancel: {
            connection.abandon()
        }
    }
}

/// One connection of a caller, as the server keeps it.
struct CallerConnection: ServerChildChannelValue {
    let channel: any Channel
    private let exchanges: NIOLoopBound<ConnectionExchanges>
    private let end: EventLoopFuture<Void>

    fileprivate init(channel: any Channel, exchanges: ConnectionExchanges) {
        self.channel = channel
        self.exchanges = NIOLoopBound(exchanges, eventLoop: channel.eventLoop)
        end = exchanges.end
    }

    /// Returns when the connection is closed and nothing is being done for it any more.
    func ended() async { try? await end.get() }

    /// The time for finishing is over: what is being done is cancelled, and the connection closed after it.
    func abandon() {
        channel.eventLoop.execute { exchanges.value.abandon() }
    }
}

/// Tells the edge of bytes before and after they are parsed.
private final class ByteWatch: ChannelInboundHandler, RemovableChannelHandler {
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

/// Ends a connection as soon as that can be done.
private final class Refusal: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer

    func channelActive(context: ChannelHandlerContext) { context.close(promise: nil) }
}
