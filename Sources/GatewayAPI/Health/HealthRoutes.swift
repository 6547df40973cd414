import Hummingbird
import JSONText
import NIOCore

/// `/livez` and `/readyz` on the management port.
///
/// Alive: this process answers; if not, restart it. Ready: it can do its work; if not, send callers elsewhere and look at the
/// reasons. Degraded is ready, with something that somebody should look at. No secret is in either.
struct HealthRoutes: Sendable {
    static let table = RouteTable(entries: [
        .init(path: "/livez", methods: [.get]), .init(path: "/readyz", methods: [.get]),
    ])

    let checks: [any ReadinessCheck]

    func alive(_ request: Request, _ context: GatewayContext) async throws -> Response {
        var json = JSONObjectText()
        json.add("status", "alive")
        return answer(.ok, json)
    }

    func ready(_ request: Request, _ context: GatewayContext) async throws -> Response {
        var status = ReadinessFinding.Status.ready
        var findings: [JSONObjectText] = []
        for check in checks {
            let finding = await check.finding()
            switch finding.status {
            case .ready: break
            case .degraded: if status == .ready { status = .degraded }
            case .notReady: status = .notReady
            }
            findings.append(text(check.name, finding))
        }
        var json = JSONObjectText()
        json.add("status", status.rawValue)
        json.add("checks", findings)
        return answer(status == .notReady ? .serviceUnavailable : .ok, json)
    }

    private func text(_ name: String, _ finding: ReadinessFinding) -> JSONObjectText {
        var json = JSONObjectText()
        json.add("name", name)
        json.add("status", finding.status.rawValue)
        json.add("detail", finding.detail)
        json.add("message", finding.message)
        if let facts = finding.facts { json.add("facts", facts) }
        return json
    }

    private func answer(_ status: HTTPResponse.Status, _ json: JSONObjectText) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: json.text))
        )
    }
}
