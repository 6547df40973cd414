import NIOConcurrencyHelpers

/// A collector that takes spans over HTTP in JSON, and nothing that is not exactly as OpenTelemetry's protocol has it (OTLP
/// specification 1, "OTLP/HTTP" and "JSON Protobuf Encoding"; opentelemetry-proto 1, `trace.proto`).
package final class SpanReceiver: Sendable {
    /// The whole answer to the n-th request, counted from 0; `nil` for none at all.
    package typealias Answer = @Sendable (Int) -> String?

    package static let taken = answer("200 OK", "{}")

    fileprivate struct State {
        var spans: [ReceivedSpan] = []
        var resource: [String: String] = [:]
        var faults: [String] = []
        var bodies: [String] = []
    }

    private let server: RawServer
    private let state: NIOLockedValueBox<State>

    package init(_ answer: @escaping Answer = { _ in taken }) throws {
        let state = NIOLockedValueBox(State())
        self.state = state
        server = try RawServer { connection in
            while let request = connection.readRequest() {
                let number = state.withLockedValue { state in
                    state.take(request)
                    return state.bodies.count - 1
                }
                guard let text = answer(number) else { return connection.waitForEnd() }
                connection.send(text)
            }
        }
    }

    package static func answer(_ status: String, _ body: String, _ fields: String = "") -> String {
        "HTTP/1.1 \(status)\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\(fields)\r\n\(body)"
    }

    /// What `OTEL_EXPORTER_OTLP_ENDPOINT` is to be.
    package var url: String { "http://127.0.0.1:\(server.port)" }

    package var spans: [ReceivedSpan] { state.withLockedValue(\.spans) }
    package var resource: [String: String] { state.withLockedValue(\.resource) }
    /// Whatever was not as the protocol has it.
    package var faults: [String] { state.withLockedValue(\.faults) }
    /// All requests, as they came.
    package var requests: [RawRequest] { server.requests }
    package var requestCount: Int { state.withLockedValue(\.bodies.count) }
}

extension SpanReceiver.State {
    fileprivate mutating func take(_ request: RawRequest) {
        bodies.append(request.body)
        if !request.head.hasPrefix("POST /v1/traces HTTP/1.1") { faults.append("it is not POST /v1/traces") }
        if request.field("Content-Type") != "application/json" { faults.append("its Content-Type is wrong") }
        do {
            let document = try SpanDocumentReader(request.body)
            spans += document.spans
            resource = document.resource
        } catch {
            faults.append("\(error)")
        }
    }
}
