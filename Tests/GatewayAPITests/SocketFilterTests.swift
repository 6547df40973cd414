import Dispatch
import InMemoryLogging
import Logging
import NIOCore
import NIOEmbedded
import NIOPosix
import SocketFilter
import Synchronization
import Testing

@testable import GatewayAPI

@Suite("The filter of a port", .timeLimit(.minutes(5)))
struct SocketFilterTests {
    /// A port that sends back what it is sent, and counts the connections that it has accepted.
    private func listen(_ host: String, _ accepted: Counter) async throws -> any Channel {
        try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                accepted.count.add(1, ordering: .relaxed)
                return channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Echo())
                }
            }
            .bind(host: host, port: 0).get()
    }

    @Test(
        "no connection is made any more, those there are go on, and with the port closed it is refused",
        arguments: [
            "127.0.0.1", "::1",
        ]
    )
    func drops(host: String) async throws {
        let accepted = Counter()
        guard let port = try? await listen(host, accepted), let number = port.localAddress?.port else {
            // A machine without IPv6.
            #expect(host == "::1")
            return
        }
        try await Wire.connect(number, host: host) { wire in
            try await wire.send("one")
            #expect(try await wire.bytes(3) == Array("one".utf8))
            try await SocketFilter.dropNewConnections(to: port).get()
            let late = Task { try await Wire.connect(number, host: host) { _ in } }
            try await Task.sleep(for: .milliseconds(300))
            #expect(accepted.count.load(ordering: .relaxed) == 1)
            try await wire.send("two")
            #expect(try await wire.bytes(3) == Array("two".utf8))
            try await port.close().get()
            await #expect(throws: (any Error).self) { try await late.value }
            try await wire.send("six")
            #expect(try await wire.bytes(3) == Array("six".utf8))
        }
        #expect(accepted.count.load(ordering: .relaxed) == 1)
    }

    @Test("how many wait to be accepted is known")
    func waiting() async throws {
        let port = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let number = try #require(port.localAddress?.port)
        #expect(try await SocketFilter.waitingConnections(to: port).get() == 0)
        try await Wire.connect(number, host: "127.0.0.1") { _ in
            try await Wire.connect(number, host: "127.0.0.1") { _ in
                let count = try await SocketFilter.waitingConnections(to: port).get()
                #expect(count == 2)
            }
        }
        try await port.close().get()
    }

    @Test(
        "a loop that is stuck is waited for neither without end nor once the task is cancelled",
        arguments: Late.allCases,
        [true, false]
    )
    func stuck(late: Late, isCancelled: Bool) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let childGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let port = try await ServerBootstrap(group: group, childGroup: childGroup).bind(host: "127.0.0.1", port: 0)
            .get()
        let connections = CallerConnections()
        connections.opened(port, loops: childGroup)
        let release = DispatchSemaphore(value: 0)
        (late == .port ? group : childGroup).next().execute { release.wait() }
        let patience = isCancelled ? Duration.seconds(3600) : .milliseconds(100)
        let waiting = Task { await connections.takeNoMore(patience: patience) }
        try await Task.sleep(for: .milliseconds(400))
        if isCancelled { waiting.cancel() }
        await waiting.value
        release.signal()
        try await port.close().get()
        try await group.shutdownGracefully()
        try await childGroup.shutdownGracefully()
    }

    /// Which loop comes late to what there is to do.
    enum Late: CaseIterable { case port, connections }

    @Test(
        "a connection that has begun is accepted and set up before the port may be closed, however late its loops come to that",
        arguments: Late.allCases
    )
    func accepted(late: Late) async throws {
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let childGroup = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let server = try await ServerBootstrap(group: group, childGroup: childGroup).bind(host: "127.0.0.1", port: 0) {
            channel in
            channel.eventLoop.makeCompletedFuture { try channel.pipeline.syncOperations.addHandler(Echo()) }
        }
        let port = server.channel
        let connections = CallerConnections()
        connections.opened(port, loops: childGroup)
        try await server.executeThenClose { _ in
            let release = DispatchSemaphore(value: 0)
            (late == .port ? group : childGroup).next().execute { release.wait() }
            try await Wire.connect(try #require(port.localAddress?.port), host: "127.0.0.1") { wire in
                try await wire.send("one")
                Task {
                    // Later than a loop at leisure would be looked at for the last time.
                    try await Task.sleep(for: .seconds(2))
                    release.signal()
                }
                await connections.takeNoMore()
                try await port.close().get()
                #expect(try await wire.bytes(3) == Array("one".utf8))
            }
        }
        try await group.shutdownGracefully()
        try await childGroup.shutdownGracefully()
    }

    @Test("a connection that waits to be accepted is waited for")
    func late() async throws {
        let port = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.autoRead, value: false)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(Echo())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let connections = CallerConnections()
        connections.opened(port, loops: MultiThreadedEventLoopGroup.singleton)
        try await Wire.connect(try #require(port.localAddress?.port), host: "127.0.0.1") { wire in
            try await wire.send("one")
            Task {
                try await Task.sleep(for: EdgeLimits.lastHandshakes + .milliseconds(300))
                try await port.setOption(.autoRead, value: true).get()
            }
            await connections.takeNoMore()
            try await port.close().get()
            #expect(try await wire.bytes(3) == Array("one".utf8))
        }
    }

    @Test("connections that are not accepted, because there are so many, are not waited for without end")
    func full() async throws {
        let port = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.autoRead, value: false)
            .bind(host: "127.0.0.1", port: 0).get()
        let connections = CallerConnections()
        connections.opened(port, loops: MultiThreadedEventLoopGroup.singleton)
        try await Wire.connect(try #require(port.localAddress?.port), host: "127.0.0.1") { _ in
            await connections.takeNoMore()
            let count = try await SocketFilter.waitingConnections(to: port).get()
            #expect(count == 1)
        }
        try await port.close().get()
    }

    @Test("a port that knows no filters is left as it is, and the log says so")
    func unsupported() async throws {
        let log = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in log }
        logger.logLevel = .debug
        let connections = CallerConnections(logger: logger)
        connections.opened(NIOAsyncTestingChannel(), loops: MultiThreadedEventLoopGroup.singleton)
        await connections.takeNoMore()
        #expect(log.entries.map { "\($0.message)" } == ["The port cannot be closed gently"])
    }

    private final class Counter: Sendable {
        let count = Atomic(0)
    }

    private final class Echo: ChannelInboundHandler {
        typealias InboundIn = ByteBuffer
        func channelRead(context: ChannelHandlerContext, data: NIOAny) { context.writeAndFlush(data, promise: nil) }
    }
}
