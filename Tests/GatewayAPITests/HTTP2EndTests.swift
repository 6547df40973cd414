import Hummingbird
import NIOCore
import NIOHTTP2
import NIOSSL
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayAPI
@testable import Graph

/// How HTTP/2 connections end whose callers do not do their part, and that no request is lost with those that do.
@Suite("The end of HTTP/2 connections", .timeLimit(.minutes(10)), .anewAfterStandstill)
struct HTTP2EndTests {
    private let test: TestCertificate
    private let tls: NIOSSLContext

    init() throws {
        test = try TestCertificate()
        tls = try test.caller(protocols: ["h2"])
    }

    private func gateway(
        tokens: ScriptedTokens = ScriptedTokens(),
        limits: (inout EdgeLimits) -> Void = { _ in }
    ) throws -> Gateway {
        Gateway(
            tokens: tokens,
            settings: ["HTTP_HOST": "127.0.0.1", "HTTP_PORT": "0"],
            limits: limits,
            certificate: try test.live()
        )
    }

    /// A caller that asks for more than the sockets between hold, then for more again, and reads nothing of it. `body` begins when
    /// nothing is answered any more for a while.
    private func withUnread(_ port: Int, _ gateway: Gateway, _ body: () async throws -> Void) async throws {
        try await HTTP2Wire.connect(port, tls: tls) { caller in
            try await caller.send(HTTP2Wire.widestWindows)
            for streams in [0..<90, 90..<95] {
                let before = gateway.accessLines.count
                try await caller.send(streams.map { HTTP2Wire.request(2 * $0 + 1, "GET", "/openapi.yaml") })
                while gateway.accessLines.count == before, streams.lowerBound == 0, !Task.isCancelled {
                    await Task.yield()
                }
            }
            var (answered, since) = (0, ContinuousClock.now)
            while since + .milliseconds(300) > .now {
                try await Task.sleep(for: .milliseconds(20))
                let now = gateway.accessLines.count
                if now != answered { (answered, since) = (now, .now) }
            }
            try await body()
        }
    }

    @Test("a caller that never reads loses its connection after the time for writing")
    func unread() async throws {
        let gateway = try gateway { $0.writeTimeout = .milliseconds(300) }
        try await gateway.withGroup { port, group in
            try await withUnread(port, gateway) {
                while gateway.applications.connections.count > 0, !Task.isCancelled { await Task.yield() }
            }
            await group.triggerGracefulShutdown()
        }
    }

    @Test("a caller that never reads does not keep a server that is abandoned until it ends by force")
    func abandoned() async throws {
        let gateway = try gateway()
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = gateway.applications.gateway { port.yield($0) }
        let server = Task { try await application.run() }
        for await number in ports {
            try await withUnread(number, gateway) {
                server.cancel()
                _ = await server.result
            }
            break
        }
        #expect(EdgeLimits.lastWords < Stopping.lastMoment / 2)
    }

    @Test("a request that is sent before its caller has heard the goodbye is answered", arguments: [false, true])
    func goodbye(byTheLimit: Bool) async throws {
        let gateway = try gateway {
            $0.goodbyeTimeout = .seconds(120)
            if byTheLimit { $0.maximumRequestsPerConnection = 1 }
        }
        try await gateway.withGroup { [tls] port, group in
            try await HTTP2Wire.connect(port, tls: tls) { caller in
                try await caller.send([HTTP2Wire.request(1)])
                if !byTheLimit {
                    #expect(try await caller.next { $0.stream == 1 && $0.isLast } != nil)
                    gateway.applications.connections.beginEnding()
                }
                let first = try #require(try await caller.next { $0.kind == .goAway })
                #expect(first.lastStream == Int(HTTP2StreamID.maxID))
                let ping = try #require(try await caller.next { $0.kind == .ping && !$0.isLast })

                try await caller.send([HTTP2Wire.request(3)])
                let end = try await caller.next { $0.stream == 3 && ($0.isLast || $0.kind == .reset) }
                #expect(end?.kind == .data)
                try await caller.acknowledge(ping)
                while let frame = try await caller.next() {
                    if frame.kind == .ping, !frame.isLast { try await caller.acknowledge(frame) }
                }
            }
            await group.triggerGracefulShutdown()
        }
        #expect(gateway.accessLines.map { $0["http.status"] } == ["201", "201"])
    }

    @Test("a caller that never answers to the goodbye loses its connection all the same")
    func deaf() async throws {
        let gateway = try gateway { $0.idleTimeout = .milliseconds(100) }
        try await gateway.withGroup { [tls] port, group in
            // On a busy machine a connection may have been idle for too long before its request; then another one is taken.
            var isServed = false
            while !isServed {
                let answered = try? await HTTP2Wire.connect(port, tls: tls) { caller in
                    try await caller.send([HTTP2Wire.request(1)])
                    let isServed = try await caller.next { $0.stream == 1 && $0.isLast } != nil
                    while try await caller.next() != nil {}
                    return isServed
                }
                // Nor is the handshake always over in time.
                isServed = answered ?? false
            }
            await group.triggerGracefulShutdown()
        }
    }

    @Test("more requests at a time than there may be cost the connection")
    func tooManyStreams() async throws {
        let end = Event()
        let tokens = ScriptedTokens { (_, validity) async throws(GraphError) in
            await end.wait()
            return .sample(validity: validity)
        }
        let gateway = try gateway(tokens: tokens)
        try await gateway.withGroup { [tls] port, group in
            try await HTTP2Wire.connect(port, tls: tls) { caller in
                try await caller.send((0...HTTP2Limits.concurrentStreams).map { HTTP2Wire.request(2 * $0 + 1) })
                while try await caller.next() != nil {}
            }
            end.happen()
            await group.triggerGracefulShutdown()
        }
    }
}
