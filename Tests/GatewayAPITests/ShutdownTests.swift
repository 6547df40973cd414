import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import NIOHTTP1
import ServiceLifecycle
import TestSupport
import Testing

@testable import GatewayAPI
@testable import Graph

/// The callers' server as the service runs it, and its end.
@Suite("The end of the server", .timeLimit(.minutes(10)), .anewAfterStandstill)
struct ShutdownTests {
    private static func gateway(_ tokens: ScriptedTokens = ScriptedTokens()) -> Gateway {
        // On a busy machine there may be many seconds between two pieces of one request.
        Gateway(tokens: tokens, settings: ["HTTP_HOST": "localhost", "HTTP_PORT": "0"]) {
            ($0.headerTimeout, $0.bodyTimeout) = (.seconds(120), .seconds(120))
        }
    }

    @Test("an idle connection is closed")
    func idle() async throws {
        try await Self.gateway().withGroup { port, group in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                #expect(try await wire.answer()?.status == 201)
                await group.triggerGracefulShutdown()
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test("an idle connection is closed when what had arrived there has been read, and not before")
    func unread() throws {
        let loop = EmbeddedEventLoop()
        for isUnread in [true, false] {
            let limits = EdgeLimits()
            let edge = EdgeHandler(limits: limits, log: EdgeLog(log: AccessLog(Logger(label: "test"))))
            let channel = EmbeddedChannel(handler: edge, loop: loop)
            try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
            channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
            #expect(channel.isActive)
            if isUnread {
                let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Host": "gateway"])
                try channel.writeInbound(HTTPServerRequestPart.head(head))
                try channel.writeInbound(HTTPServerRequestPart.end(nil))
                #expect(try channel.readInbound(as: CallerRequest.self) != nil)
            }
            loop.advanceTime(by: TimeAmount(EdgeLimits.lastLook))
            #expect(channel.isActive)
            loop.advanceTime(by: TimeAmount(limits.lastFirstRequest - EdgeLimits.lastLook))
            #expect(channel.isActive == isUnread)
            _ = try? channel.finish(acceptAlreadyClosed: true)
        }
    }

    @Test("a connection between two requests is open for as long as the next one may be on its way, and then closed")
    func betweenRequests() throws {
        let loop = EmbeddedEventLoop()
        let edge = EdgeHandler(limits: EdgeLimits(), log: EdgeLog(log: AccessLog(Logger(label: "test"))))
        let channel = EmbeddedChannel(handler: edge, loop: loop)
        try channel.connect(to: .init(ipAddress: "127.0.0.1", port: 1)).wait()
        let head = HTTPRequestHead(version: .http1_1, method: .GET, uri: "/", headers: ["Host": "gateway"])
        try channel.writeInbound(HTTPServerRequestPart.head(head))
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        try channel.writeOutbound(HTTPServerResponsePart.head(.init(version: .http1_1, status: .noContent)))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        loop.advanceTime(by: TimeAmount(EdgeLimits.lastLook) - .nanoseconds(1))
        #expect(channel.isActive)
        loop.advanceTime(by: .nanoseconds(1))
        #expect(!channel.isActive)
        _ = try? channel.finish(acceptAlreadyClosed: true)
    }

    @Test("a request whose body is still on its way is answered, not cut off")
    func onItsWay() async throws {
        let gateway = Self.gateway()
        try await gateway.withGroup { port, group in
            try await Wire.connect(port) { wire in
                // In one packet: the first answer shows that the beginning of the second request is here.
                try await wire.send(RawRequest.post(body: "{}") + RawRequest.post(["Content-Length: 9"]) + "{")
                #expect(try await wire.answer()?.status == 201)
                await group.triggerGracefulShutdown()
                let answer = try #require(await wire.answer())
                try expect(answer, is: ExpectedProblem(.shuttingDown, retryAfter: 2))
                #expect(answer["Connection"] == "close")
                #expect(try await wire.rest() == "")
            }
        }
        #expect(gateway.tokens.calls.count == 1)
    }

    @Test("so is one whose head is")
    func headOnItsWay() {
        var assembly = RequestAssembly(limits: EdgeLimits(), carrier: .connection)
        guard case .none = assembly.stopped() else {
            Issue.record("nothing was on its way")
            return
        }
        _ = assembly.bytesArrived(ByteBuffer(string: "POST / HT"))
        guard case .refuse(let error, head: nil) = assembly.stopped() else {
            Issue.record("the head was cut off")
            return
        }
        #expect(error.code == .shuttingDown && error.outcome == .notCreated)
        #expect(assembly.isRefused)
    }

    @Test("requests in flight are answered, the last of a connection with Connection: close")
    func inFlight() async throws {
        let (begun, end) = (Event(), Event())
        let tokens = ScriptedTokens { (_, validity) async throws(GraphError) in
            begun.happen()
            await end.wait()
            return .sample(validity: validity)
        }
        try await Self.gateway(tokens).withGroup { port, group in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}") + RawRequest.post(body: "{}"))
                await begun.wait()
                await group.triggerGracefulShutdown()
                // Nobody is let in any more: the server has begun to end.
                while (try? await Wire.connect(port, { _ in })) != nil, !Task.isCancelled { await Task.yield() }
                end.happen()
                let answers = [try #require(await wire.answer()), try #require(await wire.answer())]
                #expect(answers.map(\.status) == [201, 201])
                #expect(answers.map { $0["Connection"] } == [nil, "close"])
                #expect(try await wire.rest() == "")
            }
        }
        #expect(tokens.calls.count == 2)
    }

    @Test("when the time is over what is in flight is cancelled, and waited for")
    func abandoned() async throws {
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
        let gateway = Self.gateway(tokens)
        let (ports, port) = AsyncStream.makeStream(of: Int.self)
        let application = gateway.applications.gateway { port.yield($0) }
        let server = Task { try await application.run() }
        for await number in ports {
            try await Wire.connect(number) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                await begun.wait()
                server.cancel()
                let answer = try #require(await wire.answer())
                #expect(answer.status == 503)
                #expect(answer["Connection"] == "close")
                #expect(try await wire.rest() == "")
            }
            break
        }
        _ = await server.result
        // The caller has not left: it was left.
        #expect(gateway.accessLines.map { $0["caller.left"] } == [nil])
    }
}
