import HTTPTypes
import NIOCore
import NIOHTTP1
import Transport

/// What the edge answers by itself: a problem, with the fields that all answers have.
struct EdgeAnswer {
    let requestID: String
    let head: HTTPResponseHead
    /// `nil` where there is to be none.
    let body: ByteBuffer?

    /// - Parameters:
    ///   - request: where that much could be read.
    ///   - isLast: whether the connection ends with it, and says so.
    init(_ error: GatewayError, to request: HTTPRequestHead?, origins: AllowedOrigins, isLast: Bool) {
        requestID = GatewayRequestID.adopting(request?.headers["X-Request-ID"] ?? [])
        let problem = Problem(error, requestID: requestID)
        let body = ByteBuffer(string: problem.body)
        var fields = problem.fields
        origins.mark(&fields, for: request?.headers["Origin"] ?? [])
        var headers = HTTPHeaders(fields.map { ($0.name.rawName, $0.value) })
        headers.add(name: "Content-Length", value: String(body.readableBytes))
        headers.add(name: "X-Request-ID", value: requestID)
        headers.add(name: "Cache-Control", value: "no-store")
        headers.add(name: "Date", value: Timestamp.now.httpDate)
        if isLast { headers.add(name: "Connection", value: "close") }
        let status = HTTPResponseStatus(statusCode: error.status.code, reasonPhrase: error.status.reasonPhrase)
        head = HTTPResponseHead(version: .http1_1, status: status, headers: headers)
        self.body = request?.method == .HEAD ? nil : body
    }
}
