import NIOCore

/// One HTTP/2 frame (RFC 9113 §4.1), as bare as it is on the wire, so that a test can send wrong ones.
struct HTTP2Frame: Equatable {
    enum Kind: UInt8 {
        case data, headers, priority, resetStream, settings, pushPromise, ping, goAway, windowUpdate, continuation
    }

    static let preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
    static let endStream: UInt8 = 0x1
    static let endHeaders: UInt8 = 0x4
    static let acknowledgement: UInt8 = 0x1

    var kind: UInt8
    var flags: UInt8 = 0
    var stream: UInt32 = 0
    var payload: [UInt8] = []

    init(_ kind: Kind, flags: UInt8 = 0, stream: UInt32 = 0, payload: [UInt8] = []) {
        self.kind = kind.rawValue
        self.flags = flags
        self.stream = stream
        self.payload = payload
    }

    /// Takes a whole frame off `buffer`, if there is one.
    init?(from buffer: inout ByteBuffer) {
        guard let head = buffer.getBytes(at: buffer.readerIndex, length: 9) else { return nil }
        let length = Int(head[0]) << 16 | Int(head[1]) << 8 | Int(head[2])
        guard buffer.readableBytes >= 9 + length else { return nil }
        buffer.moveReaderIndex(forwardBy: 9)
        kind = head[3]
        flags = head[4]
        stream = (UInt32(head[5]) << 24 | UInt32(head[6]) << 16 | UInt32(head[7]) << 8 | UInt32(head[8])) & 0x7FFF_FFFF
        payload = buffer.readBytes(length: length) ?? []
    }

    func write(to buffer: inout ByteBuffer) {
        buffer.writeBytes([
            UInt8(payload.count >> 16 & 0xFF), UInt8(payload.count >> 8 & 0xFF), UInt8(payload.count & 0xFF),
        ])
        buffer.writeInteger(kind)
        buffer.writeInteger(flags)
        buffer.writeInteger(stream)
        buffer.writeBytes(payload)
    }

    // MARK: - Frames that a test server sends

    static let settings = HTTP2Frame(.settings)

    /// A head with a status of the static table (RFC 7541, Appendix A), and fields spelled out without compression.
    static func head(_ status: Int, _ fields: [(String, String)] = [], stream: UInt32, end: Bool = false) -> HTTP2Frame
    {
        let indices: [Int: UInt8] = [200: 8, 204: 9, 404: 13, 500: 14]
        var block: [UInt8] = indices[status].map { [0x80 | $0] } ?? literal(":status", "\(status)")
        for (name, value) in fields { block += literal(name, value) }
        return HTTP2Frame(.headers, flags: endHeaders | (end ? endStream : 0), stream: stream, payload: block)
    }

    static func data(_ text: String, stream: UInt32, end: Bool = false) -> HTTP2Frame {
        HTTP2Frame(.data, flags: end ? endStream : 0, stream: stream, payload: Array(text.utf8))
    }

    static func reset(_ code: HTTP2Code, stream: UInt32) -> HTTP2Frame {
        HTTP2Frame(.resetStream, stream: stream, payload: bytes(code.rawValue))
    }

    static func goAway(last: UInt32, _ code: HTTP2Code = .noError) -> HTTP2Frame {
        HTTP2Frame(.goAway, payload: bytes(last) + bytes(code.rawValue))
    }

    /// RFC 7541 §6.2.2, for texts below 127 bytes.
    private static func literal(_ name: String, _ value: String) -> [UInt8] {
        [0x00, UInt8(name.utf8.count)] + Array(name.utf8) + [UInt8(value.utf8.count)] + Array(value.utf8)
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { (0..<4).map { UInt8(number >> (24 - 8 * $0) & 0xFF) } }
}

/// RFC 9113 §7.
enum HTTP2Code: UInt32 {
    case noError = 0x0
    case internalError = 0x2
    case refusedStream = 0x7
    case cancel = 0x8
    case http11Required = 0xD
}
