import HummingbirdCore
import HummingbirdHTTP2
import Logging
import NIOCore
import NIOSSL

/// HTTP/2 and HTTP/1.1 over TLS, as the server below has it, for clients that connect and then say nothing: they are left when
/// the handshake takes too long, and when the server is to stop.
struct SecureChannel: ServerChildChannel {
    typealias Value = HTTP2UpgradeChannel.Value

    private let base: HTTP2UpgradeChannel

    init(_ configuration: TLSConfiguration, responder: @escaping HTTPChannelHandler.Responder) throws {
        base = try HTTP2UpgradeChannel(
            tlsConfiguration: configuration,
            configuration: .init(),
            responder: responder
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        base.setup(channel: channel, logger: logger).flatMapThrowing { value in
            let pipeline = channel.pipeline.syncOperations
            let tls = try pipeline.handler(type: NIOSSLServerHandler.self)
            try pipeline.addHandler(HandshakeLimit(), position: .after(tls))
            return value
        }
    }

    func handle(value: Value, logger: Logger) async { await base.handle(value: value, logger: logger) }
}
