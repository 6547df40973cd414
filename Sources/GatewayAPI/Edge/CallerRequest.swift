import HTTPTypes
import Hummingbird
import NIOCore
import NIOHTTP1
import NIOHTTPTypesHTTP1

/// One request, whole, as the edge lets it through.
struct CallerRequest {
    var head: HTTPRequestHead
    var body: ByteBuffer?

    /// The request as the routes take it.
    ///
    /// NIO's own conversion asks Foundation to parse the target (swift-nio-extras 1.35); the edge lets nothing through but a path
    /// and a query.
    var request: Request {
        // A method that is no token is refused with the head.
        let method = (try? HTTPRequest.Method(head.method)) ?? .get
        let http = HTTPRequest(
            method: method,
            scheme: nil,
            authority: head.headers.first(name: "Host"),
            path: head.uri,
            headerFields: HTTPFields(head.headers, splitCookie: false)
        )
        return Request(head: http, body: RequestBody(buffer: body ?? ByteBuffer()))
    }
}

/// The answer to one request, whole.
struct CallerAnswer: Sendable {
    var status: HTTPResponse.Status
    var fields: HTTPFields
    var body: ByteBuffer

    init(status: HTTPResponse.Status, fields: HTTPFields, body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.fields = fields
        self.body = body
    }

    /// - Throws: what the writing of the body throws.
    init(_ response: Response) async throws {
        status = response.status
        fields = response.headers
        let collector = BodyCollector()
        try await response.body.write(collector)
        body = collector.bytes
    }
}

/// Takes the body of an answer in one piece: none of ours is large.
private final class BodyCollector: ResponseBodyWriter {
    private(set) var bytes = ByteBuffer()

    func write(_ buffer: ByteBuffer) async throws {
        if bytes.readableBytes == 0 { bytes = buffer } else { bytes.writeImmutableBuffer(buffer) }
    }

    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
