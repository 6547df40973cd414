import ServiceLifecycle
import Testing

@testable import GatewayAPI

/// What callers see of a gateway that is about to stop.
@Suite("The end of connections", .timeLimit(.minutes(5)))
struct CallerConnectionsTests {
    @Test("an idle connection stays open, and ends with the next answer, which says so")
    func idle() async throws {
        let gateway = Gateway()
        try await gateway.withServer { port in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                #expect(try #require(await wire.answer())["Connection"] == nil)
                gateway.applications.connections.beginEnding()
                gateway.applications.connections.beginEnding()
                try await wire.send(RawRequest.post(body: "{}"))
                let answer = try #require(await wire.answer())
                #expect(answer.status == 201)
                #expect(answer["Connection"] == "close")
                #expect(try await wire.rest() == "")
            }
        }
    }

    @Test("new connections are served, each for one answer")
    func new() async throws {
        let gateway = Gateway()
        gateway.applications.connections.beginEnding()
        try await gateway.withServer { port in
            for _ in 0..<2 {
                try await Wire.connect(port) { wire in
                    try await wire.send(RawRequest.post(body: "{}"))
                    let answer = try #require(await wire.answer())
                    #expect(answer.status == 201)
                    #expect(answer["Connection"] == "close")
                    #expect(try await wire.rest() == "")
                }
            }
        }
    }

    @Test("open connections are counted until they are closed")
    func count() async throws {
        let gateway = Gateway(settings: ["HTTP_HOST": "localhost", "HTTP_PORT": "0"])
        let connections = gateway.applications.connections
        try await gateway.withGroup { port, group in
            try await Wire.connect(port) { wire in
                try await wire.send(RawRequest.post(body: "{}"))
                _ = try await wire.answer()
                #expect(connections.count == 1)
            }
            while connections.count > 0, !Task.isCancelled { await Task.yield() }
            await group.triggerGracefulShutdown()
        }
    }
}
