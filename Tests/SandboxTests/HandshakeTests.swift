import Foundation
import NIOCore
import NIOEmbedded
import NIOPosix
import NIOTLS
import Testing

@testable import Sandbox

@Suite("Clients that connect and say nothing", .timeLimit(.minutes(5)))
struct HandshakeTests {
    @Test("one does not keep the sandbox from ending")
    func shutdown() async throws {
        let directory = FileManager.default.temporaryDirectory.appending(path: "handshake-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: directory) }
        var configuration = SandboxConfiguration()
        configuration.tlsDirectory = directory
        let silent = MultiThreadedEventLoopGroup.singleton.any().makePromise(of: (any Channel).self)
        try await SandboxClient.withSandbox(configuration) { client in
            let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connect(host: "127.0.0.1", port: client.address.port).get()
            silent.succeed(channel)
        }
        // The sandbox has ended, and has closed its side.
        try await silent.futureResult.get().closeFuture.get()
    }

    @Test("the handshake has to be over in time")
    func limit() throws {
        let channel = try EmbeddedChannel(handler: HandshakeLimit()).connected()
        channel.embeddedEventLoop.advanceTime(by: HandshakeLimit.limit - .milliseconds(1))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .milliseconds(1))
        #expect(!channel.isActive)
    }

    @Test("after the handshake it limits nothing, and a stop is the server's own affair")
    func afterwards() throws {
        let channel = try EmbeddedChannel(handler: HandshakeLimit()).connected()
        channel.pipeline.fireUserInboundEventTriggered(TLSUserEvent.handshakeCompleted(negotiatedProtocol: "h2"))
        channel.embeddedEventLoop.run()
        channel.embeddedEventLoop.advanceTime(by: HandshakeLimit.limit + HandshakeLimit.limit)
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.run()
        #expect(channel.isActive)
    }

    @Test("before it, a stop ends the connection")
    func quiesce() throws {
        let channel = try EmbeddedChannel(handler: HandshakeLimit()).connected()
        channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
        channel.embeddedEventLoop.run()
        #expect(!channel.isActive)
    }
}

extension EmbeddedChannel {
    fileprivate func connected() throws -> EmbeddedChannel {
        try connect(to: SocketAddress(ipAddress: "127.0.0.1", port: 1)).wait()
        return self
    }
}
