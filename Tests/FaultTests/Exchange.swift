import NIOCore
import TestUpstream

/// One request at the fake Graph, and all that it can do in reply; used on the connection's event loop only.
struct Exchange {
    let connection: WireConnection
    let stream: UInt32
    let graph: FaultyGraph

    var version: WireConnection.Version { connection.version }

    // MARK: In order

    /// A whole answer.
    func answer(_ status: Int, _ fields: [(String, String)] = [], body: String = "") {
        let length = status == 204 ? [] : [("content-length", "\(body.utf8.count)")]
        head(status, fields + length, end: body.isEmpty)
        if !body.isEmpty { self.body(body, end: true) }
    }

    /// An answer's head. With HTTP/1.1 its fields alone say whether something follows.
    func head(_ status: Int, _ fields: [(String, String)] = [], end: Bool = false) {
        switch version {
        case .http1:
            let lines = fields.map { "\($0): \($1)\r\n" }.joined()
            connection.send(text: "HTTP/1.1 \(status) \(Self.reason(status))\r\n\(lines)\r\n")
        case .http2:
            connection.send(.head(status, fields, stream: stream, end: end))
        }
    }

    /// Some of a body.
    func body(_ text: String, end: Bool = false) {
        switch version {
        case .http1: connection.send(text: text)
        case .http2: connection.send(.data(text, stream: stream, end: end))
        }
    }

    // MARK: Out of order

    func end(_ death: Death) { connection.die(death) }

    func text(_ text: String) { connection.send(text: text) }

    func frames(_ frames: HTTP2Frame...) { connection.send(frames) }

    func reset(_ code: HTTP2Code) { connection.send(.reset(code, stream: stream)) }

    /// This request is refused unread, by the protocol's own words: it may be sent again.
    func refuse() { graph.noteRefusal(of: self) }

    func later(_ delay: TimeAmount = .milliseconds(100), _ action: @escaping @Sendable (Exchange) -> Void) {
        let (stream, graph) = (stream, graph)
        connection.later(delay) { action(Exchange(connection: $0, stream: stream, graph: graph)) }
    }

    /// Sends `bytes` one at a time, so that each arrives by itself.
    func trickle(_ bytes: ArraySlice<UInt8>) {
        guard let first = bytes.first else { return }
        connection.send(bytes: [first])
        later(.milliseconds(5)) { $0.trickle(bytes.dropFirst()) }
    }

    /// Does it again and again while the connection lasts.
    func repeatedly(every delay: TimeAmount, _ action: @escaping @Sendable (Exchange) -> Void) {
        action(self)
        later(delay) { $0.repeatedly(every: delay, action) }
    }

    /// Sends `piece` over and over, as fast as the far side takes it, until it resets the stream, and up to `limit` bytes.
    func pour(_ piece: [UInt8], upTo limit: Int) {
        let (connection, stream, graph) = (connection, stream, graph)
        connection.pour(piece) { connection.isReset(stream) || graph.notePoured(piece.count) >= limit }
    }

    private static func reason(_ status: Int) -> String {
        switch status {
        case 200: "OK"
        case 204: "No Content"
        default: "Status \(status)"
        }
    }
}
