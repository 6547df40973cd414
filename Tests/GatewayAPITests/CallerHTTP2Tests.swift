import NIOCore
import NIOHTTP1
import NIOHTTP2
import NIOSSL
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayAPI
@testable import Graph

/// HTTP/2 to callers, over real connections.
@Suite("HTTP/2 to callers", .timeLimit(.minutes(10)), .anewAfterStandstill)
struct CallerHTTP2Tests {
    private let test: TestCertificate
    private let tls: NIOSSLContext

    init() throws {
        test = try TestCertificate()
        tls = try test.caller(protocols: ["h2"])
    }

    private func withServer(
        tokens: ScriptedTokens = ScriptedTokens(),
        limits: (inout EdgeLimits) -> Void = { _ in },
        _ body: @escaping @Sendable (_ port: Int, _ gateway: Gateway, _ group: ServiceGroup) async throws -> Void
    ) async throws {
        let gateway = Gateway(
            tokens: tokens,
            settings: ["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "0"],
            limits: limits,
            certificate: try test.live()
        )
        try await gateway.withGroup { port, group in
            try await body(port, gateway, group)
            await group.triggerGracefulShutdown()
        }
    }

    /// Creations that wait for `end`; `begun` happens with the first.
    private func slow(_ begun: Event, until end: Event) -> ScriptedTokens {
        ScriptedTokens { (_, validity) async throws(GraphError) in
            begun.happen()
            await end.wait()
            return .sample(validity: validity)
        }
    }

    @Test("requests are answered side by side, with the fields and the access lines of HTTP/1.1")
    func answers() async throws {
        try await withServer { [tls] port, gateway, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                let exchanges = [
                    try await caller.begin(body: #"{"tokenValidityInSeconds": 77}"#),
                    try await caller.begin(body: "{}"),
                ]
                for exchange in exchanges {
                    let answer = try await exchange.answer()
                    #expect(answer.status == 201)
                    #expect(answer["Connection"] == nil)
                    #expect(answer["Cache-Control"] == "no-store")
                    #expect(answer["X-Request-ID"] != nil)
                    #expect(answer["Date"] != nil)
                }
                #expect(try await caller.send(.GET, "/openapi.yaml", [:]).status == 200)
                try expect(
                    await caller.send(.POST, Gateway.path, [:]),
                    is: ExpectedProblem(.apiKeyMissing, member: "X-API-Key")
                )
                #expect(caller.goodbyes == [])
            }
            #expect(gateway.tokens.calls.compactMap(\.validity).contains(77))
            #expect(gateway.accessLines.map { $0["http.status"] } == ["201", "201", "200", "401"])
            while gateway.applications.connections.count > 0, !Task.isCancelled { await Task.yield() }
        }
    }

    @Test("what the edge refuses is answered with its problem, and the connection lives on")
    func refusals() async throws {
        let limits: (inout EdgeLimits) -> Void = {
            $0.bodyTimeout = .milliseconds(200)
            $0.maximumBodyBytes = 64
        }
        try await withServer(limits: limits) { [tls] port, gateway, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                let key: HTTPHeaders = ["X-API-Key": Gateway.key]
                // The limits that the gateway announces hold from the first answer on.
                let first = try await caller.send(.GET, "/openapi.yaml", [:])
                #expect(first.status == 200)
                var fields = key
                fields.add(name: "X-Long", value: String(repeating: "x", count: 17_000))
                try expect(await caller.send(.POST, Gateway.path, fields), is: ExpectedProblem(.headersTooLarge))
                fields = key
                for number in 0..<101 { fields.add(name: "X-\(number)", value: "1") }
                try expect(await caller.send(.POST, Gateway.path, fields), is: ExpectedProblem(.headersTooLarge))
                let path = "/" + String(repeating: "x", count: 9000)
                try expect(await caller.send(.POST, path, key), is: ExpectedProblem(.urlTooLong))
                let body = "{" + String(repeating: " ", count: 100) + "}"
                try expect(await caller.send(body: body), is: ExpectedProblem(.bodyTooLarge))
                let slow = try await caller.begin(body: "{}", isComplete: false)
                // Too late it does not arrive any more; the answer stays the same.
                try? await slow.send("{")
                try expect(await slow.answer(), is: ExpectedProblem(.requestTimeout))
                try expect(
                    await caller.send(.DELETE, Gateway.path + "#x", key),
                    is: ExpectedProblem(.requestInvalid, outcome: "not-revoked")
                )
                #expect(try await caller.send(body: "{}").status == 201)
                #expect(caller.goodbyes == [])
            }
            #expect(
                gateway.accessLines.map { $0["http.status"] } == [
                    "200", "431", "431", "414", "413", "408", "400", "201",
                ]
            )
            #expect(gateway.tokens.calls.count == 1)
        }
    }

    @Test("a head far beyond the limit costs its connection")
    func hugeHead() async throws {
        try await withServer { [tls] port, gateway, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                // The same field over and over takes a byte on the wire each time after the first (RFC 7541 §6.1).
                var fields = HTTPHeaders()
                for _ in 0..<25 { fields.add(name: "X-Long", value: String(repeating: "a", count: 3000)) }
                await #expect(throws: (any Error).self) { try await caller.send(.GET, "/openapi.yaml", fields) }
                await caller.ended()
            }
            #expect(gateway.accessLines.isEmpty)
        }
    }

    @Test("before a stop an idle connection is told to bring no more, and requests under way are answered")
    func beginEnding() async throws {
        let (begun, end) = (Event(), Event())
        try await withServer(tokens: slow(begun, until: end)) { [tls] port, gateway, _ in
            let connections = gateway.applications.connections
            try await HTTP2Caller.connect(port, tls: tls) { busy in
                let exchange = try await busy.begin(body: "{}")
                await begun.wait()
                try await HTTP2Caller.connect(port, tls: tls) { idle in
                    let answer = try await idle.send(.GET, "/openapi.yaml", [:])
                    #expect(answer.status == 200)
                    connections.beginEnding()
                    await idle.ended()
                    #expect(idle.goodbyes.first == Int(HTTP2StreamID.maxID))
                }
                end.happen()
                #expect(try await exchange.answer().status == 201)
                await busy.ended()
                #expect(busy.goodbyes.first == Int(HTTP2StreamID.maxID))
            }
            // One that comes now is served first.
            try await HTTP2Caller.connect(port, tls: tls) { new in
                let answer = try await new.send(body: "{}")
                #expect(answer.status == 201)
                await new.ended()
                #expect(new.goodbyes.first == Int(HTTP2StreamID.maxID))
            }
            #expect(gateway.tokens.calls.count == 2)
        }
    }

    @Test("a connection has so many requests, and the last one is answered too")
    func requestsPerConnection() async throws {
        try await withServer(limits: { $0.maximumRequestsPerConnection = 3 }) { [tls] port, _, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                for number in 1...3 {
                    let answer = try await caller.send(body: "{}")
                    #expect(answer.status == 201)
                    if number < 3 { #expect(caller.goodbyes == []) }
                }
                await caller.ended()
                #expect(caller.goodbyes.first == Int(HTTP2StreamID.maxID))
            }
        }
    }

    @Test("bodies that are still coming share what a connection may hold of them, and give it back")
    func unfinishedBodies() async throws {
        let limits: (inout EdgeLimits) -> Void = {
            $0.maximumBodyBytes = 1000
            // No body is to be too slow here.
            $0.bodyTimeout = .seconds(240)
        }
        try await withServer(limits: limits) { [tls] port, gateway, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                let (body, most) = ("{" + String(repeating: " ", count: 998) + "}", 8)
                var exchanges: [HTTP2Caller.Exchange] = []
                for number in 0...most {
                    let exchange = try await caller.begin(body: body, isComplete: false)
                    try await exchange.send(String(body.dropLast(number < most ? 1 : 0)))
                    exchanges.append(exchange)
                }
                let last = exchanges.removeLast()
                try expect(await last.answer(), is: ExpectedProblem(.overloaded, retryAfter: 2))
                for exchange in exchanges {
                    try await exchange.send("}")
                    try await exchange.finish()
                    #expect(try await exchange.answer().status == 201)
                }
                #expect(try await caller.send(body: body).status == 201)
            }
            #expect(gateway.tokens.calls.count == 9)
        }
    }

    @Test("a server that stops answers what is under way")
    func shutdown() async throws {
        let (begun, end) = (Event(), Event())
        try await withServer(tokens: slow(begun, until: end)) { [tls] port, _, group in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                let exchange = try await caller.begin(body: "{}")
                await begun.wait()
                await group.triggerGracefulShutdown()
                while caller.goodbyes.isEmpty, !Task.isCancelled { await Task.yield() }
                end.happen()
                #expect(try await exchange.answer().status == 201)
                await caller.ended()
            }
        }
    }

    @Test("an idle connection ends")
    func idle() async throws {
        try await withServer(limits: { $0.idleTimeout = .milliseconds(300) }) { [tls] port, _, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                await caller.ended()
                #expect(caller.goodbyes.first == Int(HTTP2StreamID.maxID))
            }
            // On a busy machine a connection may have been idle for too long before its request; then another one is taken.
            var isServed = false
            while !isServed {
                isServed = try await HTTP2Caller.connect(port, tls: tls) { caller in
                    let status = try? await caller.send(body: "{}").status
                    await caller.ended()
                    #expect(caller.goodbyes.first == Int(HTTP2StreamID.maxID))
                    return status == 201
                }
            }
        }
    }

    @Test("answers for which the caller leaves no room end with their stream")
    func noWindow() async throws {
        try await withServer(limits: { $0.writeTimeout = .milliseconds(300) }) { [tls] port, gateway, _ in
            let settings = [HTTP2Setting(parameter: .initialWindowSize, value: 0)]
            try await HTTP2Caller.connect(port, tls: tls, settings: settings) { caller in
                let exchange = try await caller.begin(.GET, "/openapi.yaml", [:])
                await #expect(throws: (any Error).self) { try await exchange.answer() }
            }
            #expect(gateway.accessLines.map { $0["http.status"] } == ["200"])
        }
    }

    @Test(
        "a caller that resets its streams, or asks for pings, again and again loses its connection",
        arguments: [true, false]
    )
    func floods(ofResets: Bool) async throws {
        let (begun, end) = (Event(), Event())
        try await withServer(tokens: slow(begun, until: end)) { [tls] port, gateway, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                for _ in 0..<max(HTTP2Limits.resets, HTTP2Limits.controlFrames) + 10 where caller.channel.isActive {
                    if ofResets {
                        let exchange = try? await caller.begin(body: "{}")
                        exchange?.stream.close(promise: nil)
                    } else {
                        try? await caller.send(HTTP2Frame(streamID: .rootStream, payload: .ping(.init(), ack: false)))
                    }
                }
                await caller.ended()
            }
            end.happen()
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                let answer = try await caller.send(body: "{}")
                #expect(answer.status == 201)
            }
        }
    }

    @Test("a caller that hangs up has what was not sent yet not sent")
    func hangUp() async throws {
        let (begun, cancelled) = (Event(), Event())
        let tokens = ScriptedTokens { (_, _) async throws(GraphError) in
            await withTaskCancellationHandler {
                begun.happen()
                await cancelled.wait()
            } onCancel: {
                cancelled.happen()
            }
            throw GraphError(.unavailable, outcome: .notCreated)
        }
        try await withServer(tokens: tokens) { [tls] port, gateway, _ in
            try await HTTP2Caller.connect(port, tls: tls) { caller in
                _ = try await caller.begin(body: "{}")
                await begun.wait()
            }
            await cancelled.wait()
            while gateway.accessLines.isEmpty, !Task.isCancelled { await Task.yield() }
            #expect(gateway.accessLines.map { $0["caller.left"] } == ["true"])
        }
    }
}
