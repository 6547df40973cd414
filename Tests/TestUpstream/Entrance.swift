import Glibc
import NIOConcurrencyHelpers
import NIOCore
package import NIOSSL

/// What a new connection meets before any HTTP.
package enum Entrance: Sendable {
    case tls(NIOSSLContext)
    /// The connection ends as soon as it is accepted.
    case ends(Death)
    /// It ends when the client has said hello.
    case endsAtHello(Death)
    /// Nothing is ever said.
    case silent
    /// Something that is not TLS is said to the client's hello.
    case says(String)
}

/// Serves an entrance behind which there is no TLS.
final class BareHandler: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let entrance: Entrance
    private let log: WireLog

    init(_ entrance: Entrance, log: WireLog) {
        self.entrance = entrance
        self.log = log
    }

    func channelActive(context: ChannelHandlerContext) {
        if case .ends(let death) = entrance { context.end(with: death) }
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch entrance {
        case .endsAtHello(let death): context.end(with: death)
        case .says(let text):
            context.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: nil)
            context.end(with: .drop)
        case .tls, .ends, .silent: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) { log.state.withLockedValue { $0.open -= 1 } }
    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}

extension ChannelHandlerContext {
    /// Ends the connection from here on downwards.
    func end(with death: Death) {
        if death == .reset {
            // Zero seconds of lingering: what is unsent is thrown away, and the far side told so.
            _ = (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
        }
        close(promise: nil)
    }
}
