import HTTPTypes
import NIOSSL
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

/// libcurl 7.88 takes a connection on which TLS's goodbye waits to be read for one that lives.
@Suite("Connections that ended while they were idle", .timeLimit(.minutes(5)))
struct EndedConnectionTests {
    let authority: TestAuthority
    let transport: CurlTransport

    init() throws {
        let authority = try TestAuthority()
        self.authority = authority
        transport = try CurlTransport(configuration: .patient { $0.certificateAuthoritiesPath = authority.path })
    }

    /// Answers each request with 204, and ends the connection a moment later.
    func server(_ protocols: [String], newestVersion: TLSVersion? = nil, _ death: Death) async throws -> WireServer {
        let context = try authority.serverContext(protocols: protocols, newestVersion: newestVersion)
        return try await WireServer(context) { event, stream, connection in
            guard event == .received else { return }
            connection.answerNoContent(stream)
            connection.later { $0.die(death) }
        }
    }

    @Test(
        "one that the server has ended is left before anything is written to it",
        arguments: ["h2", "http/1.1"],
        [TLSVersion.tlsv12, .tlsv13]
    )
    func ended(version: String, tls: TLSVersion) async throws {
        for death in Death.allCases {
            let server = try await server([version], newestVersion: tls, death)
            for round in 1...3 {
                let response = try await transport.execute(.test(.post, server.url, body: "\(round)"))
                #expect(response.status == .noContent)
                try await eventually { openSockets(toward: server.port, established: true) == 0 }
            }
            #expect(server.receivedCount == 3)
            #expect(server.connectionCount == 3)
        }
    }

    @Test("however many of them there are, the request goes out once, on a new one")
    func many() async throws {
        let server = try await WireServer(try authority.serverContext(protocols: ["http/1.1"])) {
            event,
            stream,
            connection in
            guard event == .received else { return }
            // Late enough that each of the first ones has a connection of its own.
            connection.later {
                $0.answerNoContent(stream)
                $0.later { $0.die(.goodbye) }
            }
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask { _ = try await transport.execute(.test(.post, server.url, body: "\(number)")) }
            }
            try await group.waitForAll()
        }
        let connections = server.connectionCount
        #expect(connections > 4)
        try await eventually { openSockets(toward: server.port, established: true) == 0 }
        let response = try await transport.execute(.test(.post, server.url, body: "9"))
        #expect(response.status == .noContent)
        #expect(server.receivedCount == 9)
        #expect(server.connectionCount == connections + 1)
    }

    @Test("a connection that lives is used again")
    func living() async throws {
        for version in ["h2", "http/1.1"] {
            let context = try authority.serverContext(protocols: [version])
            let server = try await WireServer(context) { event, stream, connection in
                if event == .received { connection.answerNoContent(stream) }
            }
            for round in 1...20 { _ = try await transport.execute(.test(.post, server.url, body: "\(round)")) }
            #expect(server.connectionCount == 1)
        }
    }
}

extension WireConnection {
    /// 204 in the version of HTTP that was agreed on.
    fileprivate func answerNoContent(_ stream: UInt32) {
        if version == .http1 { send(text: noContent) } else { send(.head(204, stream: stream, end: true)) }
    }
}
