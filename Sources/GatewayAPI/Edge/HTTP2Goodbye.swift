import NIOCore
import NIOHTTP2

/// The first goodbye on an HTTP/2 connection (RFC 9113 §6.8), which takes nothing back yet, and the PING behind it, whose
/// acknowledgement shows that the caller has heard it.
///
/// Written beneath NIO's handler of frames: that one refuses all new streams as soon as a goodbye goes through it, also those that
/// were sent before their caller could know (swift-nio-http2 1.46).
struct HTTP2Goodbye {
    private let ping = UInt64.random(in: .min ... .max)

    /// - Parameter context: of any handler behind that of the frames.
    func send(_ context: ChannelHandlerContext) {
        guard let frames = try? context.pipeline.syncOperations.context(handlerType: NIOHTTP2Handler.self) else {
            return
        }
        // Frames leave it whole, so that between two of them is room.
        frames.writeAndFlush(NIOAny(bytes), promise: nil)
    }

    func isAcknowledged(by frame: HTTP2Frame) -> Bool {
        if case .ping(HTTP2PingData(withInteger: ping), ack: true) = frame.payload { true } else { false }
    }

    private var bytes: ByteBuffer {
        var bytes = ByteBuffer()
        writeHead(length: 8, kind: 7, &bytes)
        bytes.writeInteger(UInt32(Int(HTTP2StreamID.maxID)))
        // NO_ERROR.
        bytes.writeInteger(UInt32(0))
        writeHead(length: 8, kind: 6, &bytes)
        bytes.writeInteger(ping)
        return bytes
    }

    /// Of a frame of the connection itself, without flags (RFC 9113 §4.1).
    private func writeHead(length: UInt32, kind: UInt8, _ bytes: inout ByteBuffer) {
        bytes.writeInteger(length << 8 | UInt32(kind))
        bytes.writeInteger(UInt8(0))
        bytes.writeInteger(UInt32(0))
    }
}
