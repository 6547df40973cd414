import Hummingbird
import NIOCore

/// All metrics as text, for a scraper.
package struct MetricsPage: Sendable {
    let mediaType: String
    let text: @Sendable () async -> String

    package init(mediaType: String, text: @escaping @Sendable () async -> String) {
        self.mediaType = mediaType
        self.text = text
    }
}

/// `/metrics` on the management port.
struct MetricsRoutes: Sendable {
    static let path = RouteTable.Entry(path: "/metrics", methods: [.get])

    let page: MetricsPage

    func read(_ request: Request, _ context: GatewayContext) async throws -> Response {
        Response(
            status: .ok,
            headers: [.contentType: page.mediaType, .cacheControl: "no-store"],
            body: .init(byteBuffer: ByteBuffer(string: await page.text()))
        )
    }
}
