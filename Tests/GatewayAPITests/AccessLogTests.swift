import HTTPTypes
import InMemoryLogging
import Logging
import Testing

@testable import GatewayAPI
@testable import Graph

@Suite("The access log", .timeLimit(.minutes(1)))
struct AccessLogTests {
    @Test("a created token is one line with its facts")
    func created() async throws {
        let gateway = Gateway()
        _ = try await gateway.send(fields: [("X-Request-ID", "mine")])
        try #require(gateway.accessLines.count == 1)
        let line = gateway.accessLines[0]
        #expect(line.level == .info)
        var facts = line.metadata.mapValues { "\($0)" }
        #expect(facts.removeValue(forKey: "duration_ms") != nil)
        #expect(
            facts == [
                "request.id": "mine", "http.method": "POST", "http.route": "/profiles/{profileId}/token",
                "http.status": "201", "caller": "default", "outcome": "created", "profile.id": Gateway.profile,
                "upstream.status": "204", "upstream.requests": "1", "graph.request_id": CreatedToken.graphRequestID,
            ]
        )
    }

    @Test(
        "each refused request is one line with its code",
        arguments: [
            (.post, Gateway.path + "?kind=x", Gateway.key, "request-invalid", "not-created"),
            (.post, Gateway.path, "wrong-key-0123456789", "api-key-invalid", "not-created"),
            (.get, "/nowhere", Gateway.key, "not-found", nil),
            (.get, Gateway.path, Gateway.key, "method-not-allowed", nil),
        ] as [(HTTPRequest.Method, String, String, String, String?)]
    )
    func refused(method: HTTPRequest.Method, path: String, key: String, code: String, outcome: String?) async throws {
        let gateway = Gateway()
        let answer = try await gateway.send(method, path, key: key)
        try #require(gateway.accessLines.count == 1)
        let line = gateway.accessLines[0].metadata
        #expect(line["problem.code"] == "\(code)")
        #expect(line["outcome"] == outcome.map { "\($0)" })
        #expect(line["http.status"] == "\(answer.status)")
        #expect(line["request.id"] == answer["X-Request-ID"].map { "\($0)" })
    }

    @Test(
        "nothing that a caller sent is in any line at any level",
        arguments: [
            RawRequest.post(fields: ["X-A: canary"], body: #"{"canary": 1}"#),
            RawRequest.post(to: Gateway.path + "?api_key=canary"), RawRequest.post(to: Gateway.path + "?kind=canary"),
            RawRequest.post(to: "/canary"), RawRequest.post(key: "canary-0123456789"),
            RawRequest.post(fields: ["X-API-Key: canary"]), RawRequest.post(fields: ["X-Request-ID: canary\u{1}"]),
            RawRequest.post(fields: ["Cookie: canary", "Authorization: Bearer canary"]), "canary / canary\r\n\r\n",
            RawRequest.post(fields: ["Content-Length: canary"]), RawRequest.post(host: "canary/"),
        ]
    )
    func secrecy(request: String) async throws {
        let gateway = Gateway()
        let answer = try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(request)
                return try await wire.answer()
            }
        }
        #expect(answer != nil)
        #expect(gateway.accessLines.count == 1)
        for entry in gateway.log.entries {
            let text = "\(entry.message) \(entry.metadata)"
            #expect(!text.contains("canary"))
            #expect(!text.contains(Gateway.key))
        }
    }
}
