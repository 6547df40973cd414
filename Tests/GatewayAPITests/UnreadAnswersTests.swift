import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayAPI

/// Callers that send requests and do not read what they are answered, or read it late.
///
/// The answers are large, and more than the sockets between hold (tcp(7), `tcp_wmem` and `tcp_rmem`).
@Suite("Answers that are not read", .timeLimit(.minutes(10)), .anewAfterStandstill)
struct UnreadAnswersTests {
    private static let count = 600
    private static let requests = String(repeating: RawRequest.make("GET", "/openapi.yaml"), count: count)

    /// A busy machine takes long for so many bytes.
    private static let patience: @Sendable (inout EdgeLimits) -> Void = { $0.writeTimeout = .seconds(240) }

    /// Returns when nothing is answered any more for a while; with 0 where nothing was in a long time.
    private func standstill(_ gateway: Gateway) async throws -> Int {
        let start = ContinuousClock.now
        var (answered, since) = (0, start)
        while since + .milliseconds(500) > .now {
            try await Task.sleep(for: .milliseconds(20))
            let now = gateway.accessLines.count
            if now != answered || now == 0 && start + .seconds(20) > .now { (answered, since) = (now, .now) }
        }
        return answered
    }

    /// Reads `count` whole answers, and what comes behind them.
    private func read(_ wire: inout Wire) async throws -> (statuses: Set<Int>, last: Answer?) {
        var statuses: Set<Int> = []
        var last: Answer?
        for number in 0..<Self.count {
            // A caller that sends no more is asked whether it is there.
            repeat { last = try await wire.answer() } while last?.status == 100
            guard let last else {
                Issue.record("the connection ended after \(number) answers")
                break
            }
            statuses.insert(last.status)
        }
        return (statuses, last)
    }

    @Test("requests wait unanswered while the answers before them are not read, and are answered then")
    func bounded() async throws {
        let gateway = Gateway(limits: Self.patience)
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.requests)
                #expect(try await standstill(gateway) < Self.count)
                #expect(try await read(&wire).statuses == [200])
            }
        }
    }

    @Test("a caller that closes its sending side, and reads late, gets all answers")
    func halfClosed() async throws {
        let gateway = Gateway(limits: Self.patience)
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.requests)
                try await wire.finishSending()
                _ = try await standstill(gateway)
                #expect(try await read(&wire).statuses == [200])
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test("a server that stops lets a caller that reads late have all answers")
    func shutdown() async throws {
        let gateway = Gateway(settings: ["HTTP_HOST": "localhost", "HTTP_PORT": "0"], limits: Self.patience)
        try await gateway.withGroup { port, group in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.requests)
                _ = try await standstill(gateway)
                await group.triggerGracefulShutdown()
                while (try? await Wire.connect(port, { _ in })) != nil, !Task.isCancelled { await Task.yield() }
                let (statuses, last) = try await read(&wire)
                #expect(statuses == [200])
                #expect(last?["Connection"] == "close")
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test("a caller that never reads does not keep the server from ending")
    func neverRead() async throws {
        let gateway = Gateway(settings: ["HTTP_HOST": "localhost", "HTTP_PORT": "0"])
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = gateway.applications.gateway { port.yield($0) }
        let server = Task { try await application.run() }
        for await number in ports {
            try await Wire.connect(number) { wire in
                try await wire.send(Self.requests)
                _ = try await standstill(gateway)
                server.cancel()
                _ = await server.result
            }
            break
        }
        #expect(gateway.accessLines.count < Self.count)
    }

    @Test("an abandoned connection for which nothing is being done is closed before the server ends by force")
    func abandoned() throws {
        let channel = EmbeddedChannel()
        try channel.connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        ConnectionExchanges(channel).abandon()
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: TimeAmount(Stopping.lastMoment / 2))
        #expect(!channel.isActive)
    }

    @Test("a caller that never reads loses its connection after the time for writing")
    func stalled() async throws {
        let settings = ["HTTP_HOST": "localhost", "HTTP_PORT": "0"]
        let gateway = Gateway(settings: settings, limits: { $0.writeTimeout = .seconds(1) })
        try await gateway.withGroup { port, group in
            try await Wire.connect(port) { wire in
                try await wire.send(Self.requests)
                _ = try await standstill(gateway)
                while gateway.applications.connections.count > 0, !Task.isCancelled { await Task.yield() }
                // What the sockets between held, and then the end.
                _ = try await wire.rest()
            }
            await group.triggerGracefulShutdown()
        }
        #expect(gateway.accessLines.count < Self.count)
    }

    @Test("what is more than a connection's longest pipeline is not taken, and the last answer says so")
    func longestPipeline() throws {
        let edge = EdgeHandler(limits: EdgeLimits(), log: EdgeLog(log: AccessLog(Logger(label: "test"))))
        let channel = EmbeddedChannel(handler: edge)
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Host": "gateway.test"])
        for _ in 0..<EdgeLimits.longestPipeline + 10 {
            try channel.writeInbound(HTTPServerRequestPart.head(head))
            try channel.writeInbound(HTTPServerRequestPart.end(nil))
        }
        var taken = 0
        while try channel.readInbound(as: CallerRequest.self) != nil { taken += 1 }
        #expect(taken == EdgeLimits.longestPipeline)

        var connections: [String?] = []
        for _ in 0..<taken {
            try channel.writeOutbound(HTTPServerResponsePart.head(.init(version: .http1_1, status: .ok)))
            try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        }
        while let part = try channel.readOutbound(as: HTTPServerResponsePart.self) {
            if case .head(let head) = part { connections.append(head.headers.first(name: "Connection")) }
        }
        #expect(connections.dropLast().allSatisfy { $0 == nil })
        #expect(connections.last == "close")
        _ = try channel.finish(acceptAlreadyClosed: true)
    }
}
