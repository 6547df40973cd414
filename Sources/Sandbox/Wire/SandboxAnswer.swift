package import HTTPTypes
package import NIOCore

/// An answer, whole: status, fields and body.
package struct SandboxAnswer: Sendable, Equatable {
    package var status: HTTPResponse.Status
    package var fields: HTTPFields
    package var body: ByteBuffer

    package init(status: HTTPResponse.Status, fields: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// A JSON document as the sandbox's own endpoints answer it.
    static func json(_ document: JSONValue) -> Self { json(.ok, document) }

    static func json(_ status: HTTPResponse.Status, _ document: JSONValue) -> Self {
        SandboxAnswer(
            status: status,
            fields: [.contentType: "application/json; charset=utf-8"],
            body: ByteBuffer(string: document.text)
        )
    }

    /// The head as it is sent: with `Date` on the sandbox's clock and the body's length, unless a fault set its own.
    func head(at now: SandboxInstant) -> HTTPResponse {
        var fields = fields
        if fields[.date] == nil { fields[.date] = now.httpDate }
        // RFC 9110 §8.6: no Content-Length with 1xx and 204.
        if fields[.contentLength] == nil, fields[.transferEncoding] == nil, status.code >= 200, status != .noContent {
            fields[.contentLength] = String(body.readableBytes)
        }
        return HTTPResponse(status: status, headerFields: fields)
    }

    /// Half of the answer in HTTP/1.1: the head and the first half of the body, or half of the head when there is no body.
    func firstHalf(at now: SandboxInstant) -> ByteBuffer {
        let head = head(at: now)
        var text = "HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n"
        for field in head.headerFields { text += "\(field.name.rawName): \(field.value)\r\n" }
        text += "\r\n"
        guard body.readableBytes > 0 else { return ByteBuffer(bytes: text.utf8.prefix(text.utf8.count / 2)) }
        var bytes = ByteBuffer(string: text)
        bytes.writeImmutableBuffer(halfOfBody)
        return bytes
    }

    var halfOfBody: ByteBuffer { body.getSlice(at: body.readerIndex, length: body.readableBytes / 2) ?? ByteBuffer() }

    /// As HTTP/2 can carry it: without the fields that say something of the connection (RFC 9113 §8.2.2), and without a body where
    /// there is none (RFC 9110 §6.4.1). nil when its length is not the body's, which is malformed there (RFC 9113 §8.1.1).
    var forHTTP2: SandboxAnswer? {
        var answer = self
        for name in [HTTPField.Name.connection, .transferEncoding, .upgrade, .keepAlive, .proxyConnection, .te] {
            answer.fields[name] = nil
        }
        if status == .noContent || status == .notModified { answer.body = ByteBuffer() }
        if let length = answer.fields[.contentLength], length != String(answer.body.readableBytes) { return nil }
        return answer
    }
}

extension HTTPField.Name {
    fileprivate static let keepAlive = Self("Keep-Alive")!
    fileprivate static let proxyConnection = Self("Proxy-Connection")!
}
