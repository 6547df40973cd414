import NIOCore
import NIOHTTP2

extension CallerChannel {
    /// HTTP/2 behind TLS: each stream is one request, and passes the same edge as a request of HTTP/1.1 does.
    func addHTTP2(to channel: any Channel, _ exchanges: ConnectionExchanges) throws {
        // Nobody who has closed one direction goes on with the other: the connection ends, and what was not sent yet is not sent.
        try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
        let loop = channel.eventLoop
        let connection = HTTP2ConnectionHandler(limits: limits, connections: connections)
        let goodbye = NIOHTTP2ServerConnectionManagementHandler(
            eventLoop: loop,
            // Idle connections are not asked whether they are alive: they end soon enough, with a goodbye that this one cannot say.
            configuration: .init(
                maxIdleTime: nil,
                maxAge: nil,
                maxGraceTime: nil,
                keepalive: nil
            )
        )
        let configuration = HTTP2Limits.configuration(limits)
        let bound = NIOLoopBound((exchanges, BodyBudget(HTTP2Limits.bodyBytes(limits))), eventLoop: loop)
        let pipeline = channel.pipeline.syncOperations
        _ = try pipeline.configureHTTP2Pipeline(
            mode: .server,
            connectionConfiguration: configuration.connection,
            streamConfiguration: configuration.stream,
            streamDelegate: HTTP2Streams(connection, goodbye, on: loop)
        ) { stream in
            stream.eventLoop.makeCompletedFuture {
                let (exchanges, budget) = bound.value
                try addStream(to: stream, exchanges, budget)
            }
        }
        try pipeline.addHandler(connection)
        try pipeline.addHandler(goodbye)
    }

    private func addStream(
        to stream: any Channel,
        _ exchanges: ConnectionExchanges,
        _ budget: BodyBudget
    ) throws {
        let pipeline = stream.pipeline.syncOperations
        let edge = EdgeHandler(
            limits: limits,
            connections: connections,
            carrier: .stream,
            budget: budget,
            log: log,
            origins: origins
        )
        let handler = ExchangeHandler(executor: executors.executor(of: stream.eventLoop), respond: respond)
        try pipeline.addHandler(HTTP2FramePayloadToHTTP1ServerCodec())
        try pipeline.addHandler(PartWatch(edge: edge))
        try pipeline.addHandler(edge)
        try pipeline.addHandler(handler)
        exchanges.add(handler)
    }
}

/// Tells the edge when all that has come of a stream so far is parsed.
private final class PartWatch: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Never

    private let edge: EdgeHandler

    init(edge: EdgeHandler) { self.edge = edge }

    func channelReadComplete(context: ChannelHandlerContext) {
        if let edgeContext = try? context.pipeline.syncOperations.context(handler: edge) {
            edge.bytesParsed(context: edgeContext)
        }
        context.fireChannelReadComplete()
    }
}
