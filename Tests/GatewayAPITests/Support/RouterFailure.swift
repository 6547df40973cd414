import HTTPTypes
import Hummingbird
import Logging
import NIOCore
import NIOEmbedded

@testable import GatewayAPI

/// An error that no layer of ours throws.
struct RouterFailure: Error, CustomStringConvertible {
    var description: String { "canary: what an unforeseen error may hold" }
}

extension ProblemMiddleware {
    /// What becomes of `error`, thrown behind it.
    func answer(throwing error: any Error, to method: HTTPRequest.Method, _ path: String) async throws -> Answer {
        let request = Request(
            head: HTTPRequest(method: method, scheme: "http", authority: "gateway.test", path: path),
            body: RequestBody(buffer: ByteBuffer())
        )
        var logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        logger.logLevel = .critical
        var context = GatewayContext(
            source: ApplicationRequestContextSource(channel: EmbeddedChannel(), logger: logger)
        )
        // What the middleware around this one would set.
        context.requestID = "failing-request"
        context.place = RouteTable.gateway.place(of: request.uri.path)
        var response = try await handle(request, context: context) { _, _ in throw error }
        response.headers[.requestID] = context.requestID
        return try await Answer(response)
    }
}

extension Answer {
    init(_ response: Response) async throws {
        let writer = BodyStore()
        try await response.body.write(writer)
        self.init(
            status: response.status.code,
            fields: response.headers.map { ($0.name.rawName, $0.value) },
            body: await writer.store.text
        )
    }
}

private struct BodyStore: ResponseBodyWriter {
    actor Store {
        var text = ""
        func add(_ bytes: ByteBuffer) { text += String(buffer: bytes) }
    }

    let store = Store()

    func write(_ buffer: ByteBuffer) async throws { await store.add(buffer) }
    func finish(_ trailingHeaders: HTTPFields?) async throws {}
}
