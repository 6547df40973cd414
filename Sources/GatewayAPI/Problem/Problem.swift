import HTTPTypes
import Hummingbird
import JSONText
import NIOCore

/// An error as `application/problem+json` (RFC 9457), with its header fields.
struct Problem {
    static let mediaType = "application/problem+json"
    /// What `type` begins with; the code follows. A name, not an address: nothing is to be fetched there.
    static let typePrefix = "urn:enrollment-gateway:problem:"
    /// RFC 9110 §11.6.1 asks for a challenge with each 401; there is no registered scheme for a key in a field of its own.
    static let challenge = #"ApiKey realm="enrollment-gateway", header="X-API-Key""#

    /// What `instance` begins with; the request's id follows, under which the operator finds it in the log.
    static let instancePrefix = "urn:enrollment-gateway:request:"

    let error: GatewayError
    let requestID: String

    init(_ error: GatewayError, requestID: String) {
        self.error = error
        self.requestID = requestID
    }

    var body: String {
        var json = JSONObjectText()
        json.add("type", Self.typePrefix + error.code.rawValue)
        json.add("title", error.code.title)
        json.add("status", error.status.code)
        json.add("detail", error.detail)
        json.add("instance", Self.instancePrefix + requestID)
        json.add("code", error.code.rawValue)
        json.add("requestId", requestID)
        json.add("outcome", error.outcome?.rawValue)
        json.add("retryAfter", error.retryAfter)
        json.add("member", error.member)
        if let graph = error.graph, !graph.isEmpty {
            var inner = JSONObjectText()
            inner.add("requestId", graph.requestID)
            inner.add("activityId", graph.activityID)
            inner.add("code", graph.code)
            json.add("graph", inner)
        }
        return json.text
    }

    /// Without `Content-Length`, which belongs to whoever writes the body.
    var fields: HTTPFields {
        var fields: HTTPFields = [.contentType: Self.mediaType]
        if error.status == .unauthorized { fields[.wwwAuthenticate] = Self.challenge }
        if let retryAfter = error.retryAfter { fields[.retryAfter] = String(retryAfter) }
        if let allow = error.allow { fields[.allow] = allow }
        if error.isReplay { fields[.idempotentReplayed] = "true" }
        return fields
    }

    var response: Response {
        Response(status: error.status, headers: fields, body: .init(byteBuffer: ByteBuffer(string: body)))
    }
}
