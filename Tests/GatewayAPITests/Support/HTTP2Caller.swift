import NIOConcurrencyHelpers
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOPosix
import NIOSSL

/// One HTTP/2 connection of a caller.
struct HTTP2Caller: Sendable {
    let channel: any Channel
    private let multiplexer: NIOHTTP2Handler.StreamMultiplexer
    private let frames: FrameLog

    /// Connects to 127.0.0.1 for the time of `body`.
    static func connect<Value: Sendable>(
        _ port: Int,
        tls: NIOSSLContext,
        settings: HTTP2Settings = [],
        _ body: (HTTP2Caller) async throws -> Value
    ) async throws -> Value {
        let frames = FrameLog()
        let (channel, multiplexer) = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .connect(host: "127.0.0.1", port: port) { channel in
                channel.eventLoop.makeCompletedFuture {
                    var configuration = NIOHTTP2Handler.Configuration()
                    if !settings.isEmpty { configuration.connection.initialSettings = settings }
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLClientHandler(context: tls, serverHostname: nil))
                    let multiplexer = try pipeline.configureHTTP2Pipeline(
                        mode: .client,
                        connectionConfiguration: configuration.connection,
                        streamConfiguration: configuration.stream
                    ) { $0.eventLoop.makeSucceededVoidFuture() }
                    try pipeline.addHandler(FrameHandler(frames))
                    return (channel, multiplexer)
                }
            }
        do {
            let value = try await body(HTTP2Caller(channel: channel, multiplexer: multiplexer, frames: frames))
            try? await channel.close().get()
            return value
        } catch {
            try? await channel.close().get()
            throw error
        }
    }

    /// The last streams that each goodbye (GOAWAY) so far has named.
    var goodbyes: [Int] { frames.goodbyes.withLockedValue { $0 } }

    /// Returns when the gateway has closed the connection.
    func ended() async { try? await channel.closeFuture.get() }

    /// Sends frames of the connection itself.
    func send(_ frame: HTTP2Frame) async throws { try await channel.writeAndFlush(frame) }

    /// Begins a request.
    ///
    /// - Parameter isComplete: whether nothing follows.
    func begin(
        _ method: HTTPMethod = .POST,
        _ path: String = Gateway.path,
        _ fields: HTTPHeaders = ["X-API-Key": Gateway.key],
        body: String? = nil,
        isComplete: Bool = true
    ) async throws -> Exchange {
        let promise = channel.eventLoop.makePromise(of: HTTP2Answer.self)
        let created = multiplexer.createStreamChannel { stream in
            stream.eventLoop.makeCompletedFuture {
                let pipeline = stream.pipeline.syncOperations
                try pipeline.addHandler(HTTP2FramePayloadToHTTP1ClientCodec(httpProtocol: .https))
                try pipeline.addHandler(AnswerHandler(promise))
            }
        }
        created.whenFailure { promise.fail($0) }
        let stream = try await created.get()
        var fields = fields
        fields.add(name: "Host", value: "gateway.test")
        if let body {
            fields.add(name: "Content-Type", value: "application/json")
            fields.add(name: "Content-Length", value: String(body.utf8.count))
        }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: fields)
        let exchange = Exchange(stream: stream, received: promise.futureResult)
        stream.write(HTTPClientRequestPart.head(head), promise: nil)
        if let body, isComplete {
            stream.write(HTTPClientRequestPart.body(.byteBuffer(.init(string: body))), promise: nil)
        }
        if isComplete {
            stream.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
        } else {
            stream.flush()
        }
        return exchange
    }

    /// One request and its answer.
    func send(
        _ method: HTTPMethod = .POST,
        _ path: String = Gateway.path,
        _ fields: HTTPHeaders = ["X-API-Key": Gateway.key],
        body: String? = nil
    ) async throws -> Answer {
        try await begin(method, path, fields, body: body).answer()
    }

    /// A request that is under way.
    struct Exchange: Sendable {
        let stream: any Channel
        fileprivate let received: EventLoopFuture<HTTP2Answer>

        func send(_ text: String) async throws {
            try await stream.writeAndFlush(HTTPClientRequestPart.body(.byteBuffer(.init(string: text))))
        }

        func finish() async throws { try await stream.writeAndFlush(HTTPClientRequestPart.end(nil)) }

        /// - Throws: where the stream has ended without one.
        func answer() async throws -> Answer {
            let answer = try await received.get()
            return Answer(status: answer.status, fields: answer.fields, body: answer.body)
        }
    }
}

private struct HTTP2Answer: Sendable {
    var status = 0
    var fields: [(String, String)] = []
    var body = ""
}

private final class AnswerHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    private var answer = HTTP2Answer()
    private let promise: EventLoopPromise<HTTP2Answer>

    init(_ promise: EventLoopPromise<HTTP2Answer>) { self.promise = promise }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head) where head.status.code < 200: break
        case .head(let head):
            answer.status = Int(head.status.code)
            answer.fields = head.headers.map { ($0.name, $0.value) }
        case .body(let bytes): answer.body += String(buffer: bytes)
        case .end: promise.succeed(answer)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { promise.fail(error) }

    func channelInactive(context: ChannelHandlerContext) { promise.fail(ChannelError.eof) }
}

/// What came on the connection itself.
private final class FrameLog: Sendable {
    let goodbyes = NIOLockedValueBox<[Int]>([])
}

private final class FrameHandler: ChannelInboundHandler {
    typealias InboundIn = HTTP2Frame

    private let log: FrameLog

    init(_ log: FrameLog) { self.log = log }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .goAway(let last, _, _) = unwrapInboundIn(data).payload else { return }
        log.goodbyes.withLockedValue { $0.append(Int(last)) }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {}
}
