package import NIOCore

/// One HTTP/2 frame (RFC 9113 §4.1), as bare as it is on the wire, so that a test can send wrong ones.
package struct HTTP2Frame: Equatable, Sendable {
    package enum Kind: UInt8, Sendable {
        case data, headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate, continuation
    }

    package static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    package static let endStream: UInt8 = 0x1
    package static let endHeaders: UInt8 = 0x4
    package static let acknowledgement: UInt8 = 0x1

    package var kind: UInt8
    package var flags: UInt8 = 0
    package var stream: UInt32 = 0
    package var payload: [UInt8] = []

    package init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) {
        self.kind = kind.rawValue
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    /// Takes a whole frame off `buffer`, if there is one.
    package init?(from buffer: inout ByteBuffer) {
        guard let head = buffer.getBytes(at: buffer.readerIndex, length: 9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard buffer.readableBytes >= 9 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 9)
        kind = head[3]
        flags = head[4]
        stream = (UInt32(head[5]) << 24 | UInt32(head[6]) << 16 | UInt32(head[7]) << 8 | UInt32(head[8])) & 0x7FFF_FFFF
        payload = buffer.readBytes(length: length) ?? []
    }

    package func write(to buffer: inout ByteBuffer) {
        buffer.writeBytes([
            UInt8(payload.count >> 16 & 0xFF), UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF),
        ])
        buffer.writeInteger(kind)
        buffer.writeInteger(flags)
        buffer.writeInteger(stream)
        buffer.writeBytes(payload)
    }

    /// The frames as they are on the wire.
    package static func bytes(_ frames: [HTTP2Frame]) -> [UInt8] {
        var buffer = ByteBuffer()
        for frame in frames { frame.write(to: &buffer) }
        return Array(buffer.readableBytesView)
    }

    // MARK: - Frames that a test server sends

    package static let settings = HTTP2Frame(.settings)

    package static func head(
        _ status: Int,
        _ fields: [(String, String)] = [],
        stream: UInt32,
        end: Bool = false
    ) -> HTTP2Frame {
        let flags = endHeaders | (end ? endStream : 0)
        return HTTP2Frame(.headers, flags: flags, stream: stream, payload: block(status, fields))
    }

    /// A header block with a status of the static table (RFC 7541, Appendix A) where it is there, and everything else spelled
    /// out without compression.
    package static func block(_ status: Int, _ fields: [(String, String)] = []) -> [UInt8] {
        let indices: [Int: UInt8] = [200: 8, 204: 9, 404: 13, 500: 14]
        var block: [UInt8] = indices[status].map { [0x80 | $0] } ?? field(":status", "\(status)")
        for (name, value) in fields { block += field(name, value) }
        return block
    }

    package static func data(_ text: String, stream: UInt32, end: Bool = false) -> HTTP2Frame {
        HTTP2Frame(.data, flags: end ? endStream : 0, stream: stream, payload: Array(text.utf8))
    }

    package static func reset(_ code: HTTP2Code, stream: UInt32) -> HTTP2Frame {
        HTTP2Frame(.resetStream, stream: stream, payload: bytes(code.rawValue))
    }

    package static func goAway(last: UInt32, _ code: HTTP2Code = .noError) -> HTTP2Frame {
        HTTP2Frame(.goAway, payload: bytes(last) + bytes(code.rawValue))
    }

    /// A field of a header block (RFC 7541 §6.2.2).
    package static func field(_ name: String, _ value: String) -> [UInt8] { [0x00] + text(name) + text(value) }

    /// RFC 7541 §5.2, its length as in §5.1.
    private static func text(_ text: String) -> [UInt8] {
        var length: [UInt8] = []
        var rest = text.utf8.count
        if rest < 127 {
            length = [UInt8(rest)]
        } else {
            length = [127]
            rest -= 127
            while rest >= 128 {
                length.append(UInt8(rest % 128 + 128))
                rest /= 128
            }
            length.append(UInt8(rest))
        }
        return length + Array(text.utf8)
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * $0) & 0xFF) } }
}

/// RFC 9113 §7.
package enum HTTP2Code: UInt32, Sendable {
    case noError = 0x0
    case protocolError = 0x1
    case internalError = 0x2
    case refusedStream = 0x7
    case cancel = 0x8
    case enhanceYourCalm = 0xB
    case http11Required = 0xD
}
