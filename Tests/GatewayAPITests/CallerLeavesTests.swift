import Activity
import CurlTransport
import Dispatch
import Entra
import Settings
import TestSupport
import Testing
import Transport

@testable import GatewayAPI
@testable import Graph

/// Over real connections on both sides: what was not sent when a caller hangs up is not sent, what was is finished.
@Suite("A caller that hangs up", .timeLimit(.minutes(5)))
struct CallerLeavesTests {
    /// A Graph whose profile has no token. It does not go on behind `POST` or `GET` until `gate` opens.
    final class SlowGraph: Sendable {
        private static let profile = #"{"id":"\#(Gateway.profile)","tokenValue":null,"tokenExpirationDateTime":null}"#
        let gate = DispatchSemaphore(value: 0)
        let server: RawServer

        init(slow: String) throws {
            server = try RawServer { [gate] connection in
                while let request = connection.readRequest() {
                    if request.head.hasPrefix(slow) { gate.wait() }
                    connection.send(
                        request.head.hasPrefix("POST")
                            ? "HTTP/1.1 204 No Content\r\n\r\n"
                            : "HTTP/1.1 200 OK\r\nContent-Length: \(Self.profile.utf8.count)\r\n\r\n\(Self.profile)"
                    )
                }
            }
        }

        var creations: Int { server.requests.count { $0.head.hasPrefix("POST") } }
    }

    struct OneToken: AccessTokenSource {
        func accessToken(deadline: ContinuousClock.Instant) async throws(EntraError) -> AccessToken {
            AccessToken(serial: 1, value: Secret("access"), obtainedAt: .now, expiresAt: .now + .seconds(600))
        }
        func invalidate(_ token: AccessToken, challenge: ClaimsChallenge?) async {}
        func renewAfterForbidden(_ token: AccessToken) async {}
    }

    /// - Parameter left: happens when the gateway knows that the caller is gone.
    func gateway(_ graph: SlowGraph, left: Event = Event()) throws -> Gateway {
        let tokens = EnrollmentTokens(
            configuration: GraphConfiguration(baseURL: try UpstreamURL("http://127.0.0.1:\(graph.server.port)/beta")),
            transport: try CurlTransport(configuration: CurlConfiguration(connectTimeout: .seconds(60))),
            tokens: OneToken()
        )
        return Gateway(
            tokens: ScriptedTokens { (profile, validity) async throws(GraphError) in
                let result = await withTaskCancellationHandler {
                    await Result<CreatedToken, GraphError>.of { () async throws(GraphError) in
                        try await tokens.create(on: profile, validityInSeconds: validity)
                    }
                } onCancel: {
                    left.happen()
                }
                return try result.get()
            },
            console: { .sample }
        )
    }

    /// Sends a request, waits until Graph has the first request of `method`, and hangs up.
    func ask(_ port: Int, _ graph: SlowGraph, until method: String) async throws {
        try await Wire.connect(port) { wire in
            try await wire.send(RawRequest.post(body: "{}"))
            for await request in graph.server.arrivals where request.head.hasPrefix(method) { return }
        }
    }

    func eventually(_ condition: @Sendable () -> Bool) async throws {
        while !condition() { try await Task.sleep(for: .milliseconds(5)) }
    }

    @Test("what was not sent yet is not sent")
    func notSent() async throws {
        let graph = try SlowGraph(slow: "GET")
        let gateway = try gateway(graph)
        try await gateway.withServer { port in
            try await ask(port, graph, until: "GET")
            try await eventually { gateway.accessLines.count == 1 }
        }
        graph.gate.signal()
        let line = try #require(gateway.accessLines.first)
        #expect(line["caller.left"] == "true")
        #expect(line["outcome"] == "not-created")
        #expect(graph.creations == 0)
    }

    @Test("what was sent is finished, and the log and the console say what came of it")
    func sent() async throws {
        let graph = try SlowGraph(slow: "POST")
        let left = Event()
        let gateway = try gateway(graph, left: left)
        let history = try #require(gateway.applications.history)
        try await gateway.withServer { port in
            try await ask(port, graph, until: "POST")
            // Graph has not answered.
            await left.wait()
            #expect(gateway.accessLines.isEmpty && history.request(1) == nil)
            graph.gate.signal()
            try await eventually { gateway.accessLines.count == 1 && history.request(1) != nil }
        }
        let request = try #require(history.request(1))
        #expect(request.callerLeft && request.outcome == "created")
        #expect(request.attempts.map(\.attempt.status) == [200, 204])
        let (baseline, send) = (request.attempts[0], request.attempts[1])
        #expect(baseline.offset >= .zero && send.offset >= baseline.offset + baseline.attempt.duration)
        #expect(send.offset + send.attempt.duration <= request.duration)
        let line = try #require(gateway.accessLines.first)
        #expect(line["caller.left"] == "true")
        #expect(line["outcome"] == "created")
        #expect(line["upstream.status"] == "204")
        #expect(graph.creations == 1)
    }

    @Test("a caller that closes its sending side alone is served")
    func halfClosed() async throws {
        let graph = try SlowGraph(slow: "GET")
        let gateway = try gateway(graph)
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                for await request in graph.server.arrivals where request.head.hasPrefix("GET") { break }
                try await wire.finishSending()
                // The edge's question, which nobody answers who is still there.
                #expect(try await wire.answer()?.status == 100)
                graph.gate.signal()
                var status = 100
                while status == 100 { status = try #require(await wire.answer()).status }
                #expect(status == 201)
            }
        }
        #expect(gateway.accessLines.first?["caller.left"] == nil)
        #expect(graph.creations == 1)
    }

    @Test("what waits behind another request when the caller hangs up is not begun")
    func waiting() async throws {
        let (begun, left, ended) = (Event(), Event(), Event())
        let tokens = ScriptedTokens { (_, validity) async throws(GraphError) in
            await withTaskCancellationHandler {
                begun.happen()
                await left.wait()
            } onCancel: {
                left.happen()
            }
            ended.happen()
            return .sample(validity: validity)
        }
        let gateway = Gateway(tokens: tokens)
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}") + RawRequest.post(body: "{}"))
                await begun.wait()
            }
            await ended.wait()
            try await eventually { gateway.accessLines.count == 1 }
        }
        // The server has ended, and with it all that it had to do.
        #expect(tokens.calls.count == 1)
        #expect(gateway.accessLines.map { $0["caller.left"] } == ["true"])
    }
}

extension Result where Success: Sendable {
    fileprivate static func of(_ work: () async throws(Failure) -> Success) async -> Self {
        do throws(Failure) { return .success(try await work()) } catch { return .failure(error) }
    }
}
