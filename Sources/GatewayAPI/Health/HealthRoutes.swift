import Hummingbird
import JSONText
import NIOCore

/// `/livez` and `/readyz` on the management port.
///
/// Alive: this process answers; if not, restart it. Ready: it can do its work; if not, send callers elsewhere and look at the
/// reasons. No secret is in either.
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
        var isReady = true
        var findings: [JSONObjectText] = []
        for check in checks {
            let finding = await check.finding()
            isReady = isReady && finding.isReady
            var json = JSONObjectText()
            json.add("name", check.name)
            json.add("status", finding.isReady ? "ready" : "not-ready")
            json.add("detail", finding.detail)
            findings.append(json)
        }
        var json = JSONObjectText()
        json.add("status", isReady ? "ready" : "not-ready")
        json.add("checks", findings)
        return answer(isReady ? .ok : .serviceUnavailable, json)
    }

    private func answer(_ status: HTTPResponse.Status, _ json: JSONObjectText) -> Response {
        Response(
            status: status,
            headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: json.text))
        )
    }
}
