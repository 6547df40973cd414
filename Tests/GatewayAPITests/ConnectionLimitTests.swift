import InMemoryLogging
import Logging
import NIOCore
import ServiceLifecycle
import Testing

@testable import GatewayAPI

/// How many connections there may be, and how many requests on each.
@Suite("The limits of connections", .timeLimit(.minutes(5)))
struct ConnectionLimitTests {
    private func withServer(
        proxies: String = "",
        limits: (inout EdgeLimits) -> Void,
        _ body: @escaping @Sendable (_ port: Int, _ gateway: Gateway) async throws -> Void
    ) async throws {
        let settings = ["HTTP_HOST": "localhost", "HTTP_PORT": "0", "TRUSTED_PROXIES": proxies]
        let gateway = Gateway(settings: settings, limits: limits)
        try await gateway.withGroup { port, group in
            try await body(port, gateway)
            await group.triggerGracefulShutdown()
        }
    }

    private func ask(_ wire: inout Wire) async throws -> Answer? {
        try await wire.send(RawRequest.post(body: "{}"))
        return try await wire.answer()
    }

    @Test(
        "one address has so many connections; one more is closed, counted and logged, and a free place is given again"
    )
    func perAddress() async throws {
        try await withServer(limits: { $0.maximumConnectionsPerAddress = 2 }) { port, gateway in
            let connections = gateway.applications.connections
            try await Wire.connect(port) { first in
                #expect(try await ask(&first)?.status == 201)
                try await Wire.connect(port) { second in
                    #expect(try await ask(&second)?.status == 201)
                    for _ in 0..<3 {
                        try await Wire.connect(port) { third in
                            let rest = try await third.rest()
                            #expect(rest == "")
                        }
                    }
                    #expect(connections.count == 2)
                }
                while connections.count > 1, !Task.isCancelled { await Task.yield() }
                try await Wire.connect(port) { second in
                    let answer = try await ask(&second)
                    #expect(answer?.status == 201)
                }
                #expect(try await ask(&first)?.status == 201)
            }
            #expect(connections.refused == [.addressLimit: 3])
            #expect(gateway.lines("Connections refused").map { $0["reason"] } == ["address-limit"])
        }
    }

    @Test("a trusted proxy has as many as it likes")
    func proxy() async throws {
        try await withServer(proxies: "127.0.0.1, ::1", limits: { $0.maximumConnectionsPerAddress = 1 }) { port, _ in
            try await Wire.connect(port) { first in
                #expect(try await ask(&first)?.status == 201)
                try await Wire.connect(port) { second in
                    let answer = try await ask(&second)
                    #expect(answer?.status == 201)
                }
            }
        }
    }

    @Test("where there are as many as there may be, the next one waits for one that is closed")
    func total() async throws {
        try await withServer(limits: { $0.maximumConnections = 1 }) { port, gateway in
            let connections = gateway.applications.connections
            try await Wire.connect(port) { first in
                #expect(try await ask(&first)?.status == 201)
                #expect(connections.refused == [.connectionLimit: 1])
                async let waiting = Wire.connect(port) { second in
                    let answer = try await ask(&second)
                    return answer?.status
                }
                #expect(try await ask(&first)?.status == 201)
                #expect(connections.count == 1)
                try await first.finishSending()
                #expect(try await waiting == 201)
            }
        }
    }

    @Test("a connection has so many requests, and the last answer says so")
    func requests() async throws {
        try await withServer(limits: { $0.maximumRequestsPerConnection = 3 }) { port, gateway in
            try await Wire.connect(port) { wire in
                var said: [String?] = []
                for _ in 0..<3 { said.append(try #require(await ask(&wire))["Connection"]) }
                #expect(said == [nil, nil, "close"])
                #expect(try await wire.rest() == "")
            }
            #expect(gateway.tokens.calls.count == 3)
        }
    }

    @Test("the log hears of each reason once a minute, with how many there were")
    func log() {
        let handler = InMemoryLogHandler()
        let refusals = ConnectionRefusals(logger: Logger(label: "test") { _ in handler })
        let start = NIODeadline.now()
        for second in [0, 1, 59, 60, 61] {
            refusals.note(.handshakeFailed, from: nil, at: start + .seconds(Int64(second)))
            refusals.note(.addressLimit, from: nil, at: start + .seconds(Int64(second)))
        }
        #expect(refusals.counts == [.handshakeFailed: 5, .addressLimit: 5])
        let lines = handler.entries.map { $0.metadata.mapValues(\.description) }
        #expect(lines.count == 4)
        #expect(lines.filter { $0["reason"] == "address-limit" }.map { $0["connections"] } == ["1", "3"])
    }
}
