import NIOCore

/// Tells one HTTP/1.1 request from the next: enough for a client that is in order.
struct HTTP1Reader {
    enum Part: Equatable {
        /// The n-th request's head is here, counted from 1.
        case head(UInt32, hasBody: Bool)
        /// All of it is.
        case end(UInt32, body: [UInt8])
    }

    private var count: UInt32 = 0
    /// Bytes of body that are still to come, while a request is being read.
    private var length: Int?

    /// Takes the next part off `buffer`, if it is there whole.
    mutating func next(from buffer: inout ByteBuffer) -> Part? {
        if let length {
            guard let body = buffer.readBytes(length: length) else { return nil }
            self.length = nil
            return .end(count, body: body)
        }
        let bytes = buffer.readableBytesView
        guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
        let head = String(decoding: bytes[..<end.upperBound], as: UTF8.self)
        buffer.moveReaderIndex(to: end.upperBound)
        let field = head.lowercased().split(separator: "\r\n").first { $0.hasPrefix("content-length:") }
        let length = field.flatMap { Int($0.dropFirst(15).filter(\.isNumber)) } ?? 0
        count += 1
        self.length = length
        return .head(count, hasBody: length > 0)
    }
}
