import HTTPTypes
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

/// libcurl sends a request again by itself when a reused connection ends before an answer. These tests count on the server's
/// side, for each way of dying, that a request that must not be repeated is not.
@Suite("Sending exactly once", .timeLimit(.minutes(5)))
struct ResendTests {
    /// Answers the first request, and dies of the second after reading it whole; the third, on a new connection, is answered.
    func server(_ death: Death) throws -> RawServer {
        try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.send(noContent)
            guard connection.readRequest() != nil else { return }
            if death == .reset { connection.reset() }
        }
    }

    @Test(
        "a request that must not be repeated is sent once, though its reused connection dies",
        arguments: Death.onTCP
    )
    func never(death: Death) async throws {
        let server = try server(death)
        let transport = try CurlTransport(configuration: .patient)
        _ = try await transport.execute(.test(.post, server.url(), body: "1"))
        let error = try await transport.failure(of: .test(.post, server.url(), body: "2"))
        #expect(error.kind == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(server.requests.map(\.body) == ["1", "2"])
    }

    @Test("a request without a body, as `createToken` may be, is no exception", arguments: Death.onTCP)
    func neverWithoutBody(death: Death) async throws {
        let server = try server(death)
        let transport = try CurlTransport(configuration: .patient)
        _ = try await transport.execute(.test(.post, server.url()))
        let error = try await transport.failure(of: .test(.post, server.url()))
        #expect(error.delivery == .unknown)
        #expect(server.requests.count == 2)
    }

    /// Why the guard is there. If this fails, libcurl has changed its ways.
    @Test("a request whose repetition is harmless is sent again by libcurl itself", arguments: Death.onTCP)
    func harmless(death: Death) async throws {
        let server = try server(death)
        let transport = try CurlTransport(configuration: .patient)
        _ = try await transport.execute(.test(.post, server.url(), body: "1", repetition: .harmless))
        let response = try await transport.execute(.test(.post, server.url(), body: "2", repetition: .harmless))
        #expect(response.status == .noContent)
        #expect(server.requests.map(\.body) == ["1", "2", "2"])
    }

    @Test("after the guard has stopped a request the next ones go as ever")
    func afterwards() async throws {
        let server = try server(.drop)
        let transport = try CurlTransport(configuration: .patient)
        for round in 0..<3 {
            let response = try await transport.execute(.test(.post, server.url(), body: "a\(round)"))
            #expect(response.status == .noContent)
            _ = try await transport.failure(of: .test(.post, server.url(), body: "b\(round)"))
        }
        #expect(server.requests.map(\.body) == ["a0", "b0", "a1", "b1", "a2", "b2"])
    }

    /// One that was reset is noticed over TLS (see HTTP2Tests), but not by libcurl 7.88 over plain TCP.
    @Test("a connection that was closed while it was idle is noticed before it is used")
    func closedIdle() async throws {
        let server = try RawServer.answeringOnce(noContent)
        let transport = try CurlTransport(configuration: .patient)
        for round in 1...3 {
            let response = try await transport.execute(.test(.post, server.url(), body: "\(round)"))
            #expect(response.status == .noContent)
            try await eventually { openSockets(toward: server.port, established: true) == 0 }
        }
        #expect(server.requests.map(\.body) == ["1", "2", "3"])
        #expect(server.connectionCount == 3)
    }

    @Test("417 is an answer and brings no second send")
    func expectationFailed() async throws {
        let server = try RawServer.answering("HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n")
        let transport = try CurlTransport(configuration: .patient)
        let response = try await transport.execute(
            .test(.post, server.url(), body: String(repeating: "x", count: 2 << 20))
        )
        #expect(response.status.code == 417)
        #expect(server.requests.count == 1)
    }

    @Test("401 with a challenge is an answer and brings no second send")
    func unauthorized() async throws {
        let server = try RawServer.answering(
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Negotiate\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n"
        )
        let transport = try CurlTransport(configuration: .patient)
        let response = try await transport.execute(.test(.post, server.url()))
        #expect(response.status == .unauthorized)
        #expect(server.requests.count == 1)
    }
}
