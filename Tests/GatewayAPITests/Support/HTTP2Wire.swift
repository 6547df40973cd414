import NIOSSL

/// One HTTP/2 connection, frame by frame, and without the good manners of a library.
struct HTTP2Wire {
    struct Frame {
        enum Kind: UInt8 {
            case data, headers, priority, reset, settings, push, ping, goAway, windowUpdate, continuation
        }

        var kind: Kind?
        var flags: UInt8 = 0
        var stream = 0
        var payload: [UInt8] = []

        /// END_STREAM, or ACK.
        var isLast: Bool { flags & 1 != 0 }

        /// The last stream that a goodbye names.
        var lastStream: Int { number(payload.prefix(4)) & 0x7FFF_FFFF }

        var bytes: [UInt8] {
            let (length, stream) = (UInt32(payload.count).bytes, UInt32(stream).bytes)
            return length.dropFirst() + [kind?.rawValue ?? 0xFF, flags] + stream + payload
        }
    }

    private var wire: Wire

    /// Connects to 127.0.0.1 for the time of `body`.
    ///
    /// - Parameter tls: offers `h2`.
    static func connect<Value: Sendable>(
        _ port: Int,
        tls: NIOSSLContext,
        _ body: (inout HTTP2Wire) async throws -> Value
    ) async throws -> Value {
        try await Wire.connect(port, tls: tls) { wire in
            var connection = HTTP2Wire(wire: wire)
            try await wire.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
            try await connection.send([Frame(kind: .settings)])
            return try await body(&connection)
        }
    }

    func send(_ frames: [Frame]) async throws { try await wire.send(frames.flatMap(\.bytes)) }

    /// Acknowledges a PING.
    func acknowledge(_ ping: Frame) async throws {
        try await send([Frame(kind: .ping, flags: 1, payload: ping.payload)])
    }

    /// For all that the gateway may send.
    static var widestWindows: [Frame] {
        [
            Frame(kind: .settings, payload: [0, 4] + UInt32(Int32.max).bytes),
            Frame(kind: .windowUpdate, payload: UInt32(1 << 30).bytes),
        ]
    }

    /// A request with the right key, and no body.
    static func request(_ stream: Int, _ method: String = "POST", _ path: String = Gateway.path) -> Frame {
        let fields = [
            (":method", method), (":scheme", "https"), (":authority", "gateway.test"), (":path", path),
            ("x-api-key", Gateway.key),
        ]
        // Each a literal that is not kept (RFC 7541 §6.2.2), shorter than 127 bytes.
        let block = fields.flatMap { field -> [UInt8] in
            [0, UInt8(field.0.utf8.count)] + field.0.utf8 + [UInt8(field.1.utf8.count)] + field.1.utf8
        }
        return Frame(kind: .headers, flags: 0x5, stream: stream, payload: block)
    }

    /// The next frame; `nil` at the connection's end.
    mutating func next() async throws -> Frame? {
        guard let head = try await wire.bytes(9), let payload = try await wire.bytes(number(head.prefix(3))) else {
            return nil
        }
        let stream = number(head.suffix(4)) & 0x7FFF_FFFF
        return Frame(kind: Frame.Kind(rawValue: head[3]), flags: head[4], stream: stream, payload: payload)
    }

    /// The next frame that is meant; `nil` at the connection's end.
    mutating func next(where isMeant: (Frame) -> Bool) async throws -> Frame? {
        while let frame = try await next() {
            if isMeant(frame) { return frame }
        }
        return nil
    }
}

private func number(_ bytes: some Sequence<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

extension UInt32 {
    fileprivate var bytes: [UInt8] { [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: self >> $0) } }
}
