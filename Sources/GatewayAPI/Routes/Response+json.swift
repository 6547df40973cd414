import HTTPTypes
import Hummingbird
import JSONText
import NIOCore

extension Response {
    static func json(_ status: HTTPResponse.Status, _ json: JSONObjectText) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: json.text))
        )
    }
}
