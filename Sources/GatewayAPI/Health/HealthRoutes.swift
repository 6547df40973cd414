import Explanations
import Hummingbird
import JSONText
import NIOCore

/// `/livez` and `/readyz` on the management port.
///
/// Alive: all loops of this process turn; if not, restart it. Ready: it can do its work; if not, send callers elsewhere and look at the
/// reasons. Degraded is ready, with something that somebody should look at. No secret is in either.
struct HealthRoutes: Sendable {
    static let table = RouteTable(entries: [
        .init(path: "/livez", methods: [.get]), .init(path: "/readyz", methods: [.get]),
    ])

    let checks: [any ReadinessCheck]
    let loops: LoopWatch

    func alive(_ request: Request, _ context: GatewayContext) async throws -> Response {
        let stuck = loops.stuck()
        var json = JSONObjectText()
        json.add("status", stuck.isEmpty ? "alive" : "stuck")
        if !stuck.isEmpty { json.add("loops", stuck.map(text)) }
        return answer(stuck.isEmpty ? .ok : .serviceUnavailable, json)
    }

    private func text(_ stuck: LoopWatch.Stuck) -> JSONObjectText {
        var json = JSONObjectText()
        json.add("name", stuck.name)
        json.add("stuckForSeconds", stuck.time.wholeSeconds)
        return json
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
        let known = finding.detail.flatMap { Explanations.find($0, in: .readiness) }
        json.add("remedy", finding.remedy ?? known?.remedy)
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
