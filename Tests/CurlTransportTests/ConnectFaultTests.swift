import Foundation
import HTTPTypes
import NIOSSL
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

/// Before the request begins, every failure proves that nothing was sent.
@Suite("Faults before the request", .timeLimit(.minutes(5)))
struct ConnectFaultTests {
    @Test("a refused connection")
    func refusedConnection() async throws {
        let nobody = try SilentPort(.refuses)
        let transport = try CurlTransport(configuration: .patient)
        let error = try await transport.failure(of: .test(.post, "http://127.0.0.1:\(nobody.port)/"))
        withExtendedLifetime(nobody) {}
        #expect(error.kind == .connectFailed)
        #expect(error.delivery == .notSent)
        #expect(error.maySendAgain)
    }

    @Test("a name that does not resolve")
    func unknownName() async throws {
        let transport = try CurlTransport(configuration: .patient)
        let error = try await transport.failure(of: .test(.post, "https://nowhere.invalid/"))
        #expect(error.kind == .nameNotResolved)
        #expect(error.delivery == .notSent)
    }

    @Test("a server that never answers the TLS handshake, up to the deadline")
    func stalledHandshake() async throws {
        let server = try RawServer { $0.waitForEnd() }
        let transport = try CurlTransport(configuration: .patient)
        let request = try UpstreamRequest.test(.post, "https://127.0.0.1:\(server.port)/", within: .milliseconds(300))
        let error = try await transport.failure(of: request)
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .notSent)
    }

    @Test("a server that never answers the TLS handshake, up to the connect timeout")
    func connectTimeout() async throws {
        let server = try RawServer { $0.waitForEnd() }
        let transport = try CurlTransport(configuration: CurlConfiguration(connectTimeout: .milliseconds(200)))
        let error = try await transport.failure(of: .test(.post, "https://127.0.0.1:\(server.port)/"))
        #expect(error.kind == .connectFailed)
        #expect(error.delivery == .notSent)
    }

    @Test(
        "a connection that ends in the handshake, or is no TLS at all",
        arguments: ["", "HTTP/1.1 400 Bad Request\r\n\r\n"]
    )
    func noTLS(answer: String) async throws {
        let server = try RawServer { $0.send(answer) }
        let transport = try CurlTransport(configuration: .patient)
        let error = try await transport.failure(of: .test(.post, "https://127.0.0.1:\(server.port)/"))
        #expect(error.kind == .tlsFailed)
        #expect(error.delivery == .notSent)
    }

    @Test("a certificate of an unknown authority")
    func unknownAuthority() async throws {
        let server = try await WireServer(try TestAuthority().serverContext()) { _, _, _ in }
        let transport = try CurlTransport(configuration: .patient)
        let error = try await transport.failure(of: .test(.post, server.url))
        #expect(error.kind == .tlsFailed)
        #expect(error.delivery == .notSent)
        #expect(server.receivedCount == 0)
    }

    enum BadServer: CaseIterable, Sendable {
        case otherName, expired, oldTLS
    }

    @Test("a certificate for another name, one that has expired, and TLS 1.1", arguments: BadServer.allCases)
    func badServer(_ bad: BadServer) async throws {
        let authority = try TestAuthority()
        let context = try authority.serverContext(
            host: bad == .otherName ? "other.example" : "127.0.0.1",
            expired: bad == .expired,
            newestVersion: bad == .oldTLS ? .tlsv11 : nil
        )
        let server = try await WireServer(context) { _, _, _ in }
        let transport = try CurlTransport(configuration: .patient { $0.certificateAuthoritiesPath = authority.path })
        let error = try await transport.failure(of: .test(.post, server.url))
        #expect(error.kind == .tlsFailed)
        #expect(error.delivery == .notSent)
        #expect(server.receivedCount == 0)
    }

    @Test("a deadline that has passed already")
    func deadlinePassed() async throws {
        let server = try RawServer.answering(noContent)
        let transport = try CurlTransport(configuration: .patient)
        let error = try await transport.failure(of: .test(.post, server.url(), within: .seconds(-1)))
        #expect(error.kind == .timedOut)
        #expect(error.delivery == .notSent)
        #expect(server.requests.isEmpty)
    }
}
