import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTP1
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
///
/// This is HTTP/1.1: the channel is the connection. Over HTTP/2 it would be a stream, and its parent the connection.
struct SandboxConnection: Sendable {
    let channel: any Channel

    /// Sends `bytes` as they are, past the HTTP encoder.
    func write(_ bytes: ByteBuffer) async throws {
        try await channel.eventLoop.flatSubmit { [channel] in
            let written = channel.eventLoop.makePromise(of: Void.self)
            do {
                let encoder = try channel.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self)
                encoder.writeAndFlush(NIOAny(bytes), promise: written)
            } catch {
                written.fail(error)
            }
            return written.futureResult
        }.get()
    }

    /// Ends the connection in the way asked for. `request` tells when the client leaves.
    func end(_ ending: SandboxFault.Ending, request: Request) async throws -> Never {
        switch ending {
        case .close:
            try? await channel.close().get()
        case .reset:
            // Closing a socket that lingers for 0 seconds drops what is unsent and sends RST (socket(7), SO_LINGER).
            try? await (channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0)).get()
            try? await channel.close().get()
        case .stall:
            try? await stall(request)
        }
        throw ConnectionEnded()
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
