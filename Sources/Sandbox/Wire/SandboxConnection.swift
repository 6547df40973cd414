import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import ServiceLifecycle

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Thrown to leave the server's loop for a connection that a fault has ended.
struct ConnectionEnded: Error {}

/// One client's connection, for what HTTP has no words for.
struct SandboxConnection: Sendable {
    /// Where the request arrived: the connection over HTTP/1.1, one of its streams over HTTP/2.
    private let channel: any Channel
    private let socket: any Channel

    init(_ channel: any Channel) {
        self.channel = channel
        // A stream has no socket of its own. Its parent is the connection; a connection's parent is what listens.
        socket = channel is any SocketOptionProvider ? channel : channel.parent ?? channel
    }

    var isHTTP2: Bool { socket !== channel }

    /// Sends `bytes` as they are: past HTTP, and inside of TLS where it is spoken.
    func write(_ bytes: ByteBuffer) async throws {
        try await socket.eventLoop.flatSubmit { [socket, isHTTP2] in
            let written = socket.eventLoop.makePromise(of: Void.self)
            do {
                let pipeline = socket.pipeline.syncOperations
                let encoder =
                    isHTTP2
                    ? try pipeline.context(handlerType: NIOHTTP2Handler.self)
                    : try pipeline.context(handlerType: HTTPResponseEncoder.self)
                encoder.writeAndFlush(NIOAny(bytes), promise: written)
            } catch {
                written.fail(error)
            }
            return written.futureResult
        }.get()
    }

    /// The beginning of a head over HTTP/2 that is cut off: a frame that announces more than follows (RFC 9113 §4.1, §6.2).
    func beginningOfHead() async throws -> ByteBuffer {
        let stream = try await channel.getOption(HTTP2StreamChannelOptions.streamID).get()
        let (announced, endHeaders, headers): (UInt8, UInt8, UInt8) = (64, 0x4, 0x1)
        var frame = ByteBuffer(bytes: [0, 0, announced, headers, endHeaders])
        frame.writeInteger(UInt32(Int(stream)))
        // `:status: 200` from HPACK's static table.
        frame.writeInteger(UInt8(0x88))
        return frame
    }

    /// Ends the connection, with all of its streams, in the way asked for. `request` tells when the client leaves.
    func end(_ ending: SandboxFault.Ending, request: Request) async throws -> Never {
        switch ending {
        case .close:
            try? await socket.close().get()
        case .reset:
            // Closing a socket that lingers for 0 seconds drops what is unsent and sends RST (socket(7), SO_LINGER).
            try? await (socket as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            try? await closeBeneathTLS()
        case .stall:
            try? await stall(request)
        }
        throw ConnectionEnded()
    }

    /// Closes the socket at once: TLS would say goodbye first.
    private func closeBeneathTLS() async throws {
        try await socket.eventLoop.flatSubmit { [socket] in
            let closed = socket.eventLoop.makePromise(of: Void.self)
            if let tls = try? socket.pipeline.syncOperations.context(handlerType: NIOSSLServerHandler.self) {
                tls.close(promise: closed)
            } else {
                socket.close(promise: closed)
            }
            return closed.futureResult
        }.get()
    }

    /// Returns when the client has left or the sandbox stops; what still arrives is thrown away.
    private func stall(_ request: Request) async throws {
        try await cancelWhenGracefulShutdown {
            try await request.body.consumeWithCancellationOnInboundClose { body in
                for try await _ in body {}
                try await Task.sleep(for: .seconds(86_400))
            }
        }
    }
}
