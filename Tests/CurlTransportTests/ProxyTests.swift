import HTTPTypes
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite("Through a proxy", .timeLimit(.minutes(5)))
struct ProxyTests {
    let authority: TestAuthority
    let names = FakeNames(["proxy.test": ["127.0.0.1"]])

    init() throws { authority = try TestAuthority() }

    /// Uses `proxy` under the name proxy.test.
    func transport(_ proxy: RawServer, connectTimeout: Duration = .seconds(60)) throws -> CurlTransport {
        var configuration = CurlConfiguration.patient
        configuration.connectTimeout = connectTimeout
        configuration.lookup = names.lookup
        configuration.certificateAuthoritiesPath = authority.path
        configuration.proxy = try UpstreamURL("http://proxy.test:\(proxy.port)", allowingPlainHTTP: true)
        return try CurlTransport(configuration: configuration)
    }

    /// Makes tunnels as RFC 9110 §9.3.6 has it, to the asked port of this machine whatever the host.
    func proxy() throws -> RawServer {
        try RawServer { connection in
            guard let request = connection.readRequest(), request.head.hasPrefix("CONNECT "),
                let port = request.path.split(separator: ":").last.flatMap({ Int($0) })
            else { return connection.send("HTTP/1.1 405 Method Not Allowed\r\nContent-Length: 0\r\n\r\n") }
            connection.tunnel(toward: port, greeting: "HTTP/1.1 200 Connection established\r\n\r\n")
        }
    }

    func server(_ script: @escaping @Sendable (UInt32, WireConnection) -> Void) async throws -> WireServer {
        try await WireServer(try authority.serverContext(host: "graph.test")) { event, stream, connection in
            if event == .received { script(stream, connection) }
        }
    }

    @Test("TLS and HTTP/2 go end to end; the proxy learns host and port, and nothing of the request")
    func tunnel() async throws {
        let server = try await server { $1.send(.head(204, stream: $0, end: true)) }
        let proxy = try proxy()
        let transport = try transport(proxy)
        for _ in 0..<3 {
            let response = try await transport.execute(
                .test(
                    .post,
                    "https://graph.test:\(server.port)/x",
                    fields: [.authorization: "Bearer s3cr3t"],
                    body: "{}"
                )
            )
            #expect(response.status == .noContent)
        }
        #expect(server.negotiated == ["h2"])
        #expect(server.serverNames == ["graph.test"])
        #expect(server.receivedCount == 3)
        let lines = proxy.requests.map { Set($0.head.split(separator: "\r\n").map(String.init)) }
        #expect(
            lines == [
                [
                    "CONNECT graph.test:\(server.port) HTTP/1.1", "Host: graph.test:\(server.port)",
                    "User-Agent: enrollment-gateway", "Proxy-Connection: Keep-Alive",
                ]
            ]
        )
        #expect(names.begun("proxy.test") == 1)
        #expect(names.begun("graph.test") == 0)
    }

    @Test(
        "a proxy that will not connect: nothing was sent, and the proxy's status is in the detail",
        arguments: ["403 Forbidden", "407 Proxy Authentication Required", "502 Bad Gateway", "503 Busy"]
    )
    func refused(status: String) async throws {
        let proxy = try RawServer.answeringOnce("HTTP/1.1 \(status)\r\nContent-Length: 3\r\n\r\nno!")
        let error = try await transport(proxy).failure(of: .test(.post, "https://graph.test/", body: "{}"))
        #expect(error.kind == .connectFailed)
        #expect(error.delivery == .notSent)
        #expect(error.maySendAgain)
        #expect(error.status == nil)
        #expect(error.detail.contains(status.prefix(3)))
        #expect(proxy.requests.count == 1)
    }

    @Test(
        "a proxy that ends, or is none: nothing was sent",
        arguments: ["", "HTTP/1.1 200", "SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 200 OK\r\n\r\nplain text"]
    )
    func broken(answer: String) async throws {
        let proxy = try RawServer.answeringOnce(answer)
        let error = try await transport(proxy).failure(of: .test(.post, "https://graph.test/", body: "{}"))
        #expect(error.kind == .connectFailed || error.kind == .tlsFailed)
        #expect(error.delivery == .notSent)
    }

    @Test("a proxy that resets the connection")
    func reset() async throws {
        let proxy = try RawServer { connection in
            _ = connection.readRequest()
            connection.reset()
        }
        let error = try await transport(proxy).failure(of: .test(.post, "https://graph.test/"))
        #expect(error.kind == .connectFailed)
        #expect(error.delivery == .notSent)
    }

    @Test("a proxy that does not answer is given up by the connect timeout")
    func hangs() async throws {
        let proxy = try RawServer { connection in
            _ = connection.readRequest()
            connection.waitForEnd()
        }
        let transport = try transport(proxy, connectTimeout: .milliseconds(300))
        let error = try await transport.failure(of: .test(.post, "https://graph.test/"))
        #expect(error.kind == .connectFailed)
        #expect(error.delivery == .notSent)
        #expect(proxy.requests.count == 1)
    }

    @Test("a tunnel that ends after the request leaves its effect unknown")
    func tunnelDies() async throws {
        let server = try await server { $1.die(.drop) }
        let proxy = try proxy()
        let error = try await transport(proxy).failure(of: .test(.post, "https://graph.test:\(server.port)/"))
        #expect(error.kind == .connectionLost)
        #expect(error.delivery == .unknown)
        #expect(server.receivedCount == 1)
    }

    @Test("a proxy whose name does not exist, or that is not there")
    func absent() async throws {
        let nobody = try SilentPort(.refuses)
        for (host, kind) in [("nowhere.test", TransportError.Kind.nameNotResolved), ("proxy.test", .connectFailed)] {
            let proxy = try UpstreamURL("http://\(host):\(nobody.port)", allowingPlainHTTP: true)
            let transport = try CurlTransport(configuration: CurlConfiguration(lookup: names.lookup, proxy: proxy))
            let error = try await transport.failure(of: .test(.post, "https://graph.test/"))
            #expect(error.kind == kind)
            #expect(error.delivery == .notSent)
        }
        withExtendedLifetime(nobody) {}
    }

    @Test("a loopback address is never asked for through the proxy", arguments: ["127.0.0.1", "localhost"])
    func loopback(host: String) async throws {
        let proxy = try proxy()
        let server = try RawServer.answering(noContent)
        let response = try await transport(proxy).execute(.test(.post, "http://\(host):\(server.port)/"))
        #expect(response.status == .noContent)
        #expect(proxy.connectionCount == 0)
    }

    @Test("plain http, which is for the endpoints of managed identities, goes past the proxy")
    func plain() async throws {
        let proxy = try proxy()
        let server = try RawServer.answering(noContent)
        let names = FakeNames(["imds.test": ["127.0.0.1"], "proxy.test": ["127.0.0.1"]])
        var configuration = CurlConfiguration.patient
        configuration.lookup = names.lookup
        configuration.proxy = try UpstreamURL("http://proxy.test:\(proxy.port)", allowingPlainHTTP: true)
        let request = UpstreamRequest(
            method: .get,
            url: try UpstreamURL("http://imds.test:\(server.port)/token", allowingPlainHTTP: true),
            repetition: .harmless,
            deadline: .now + .seconds(20)
        )
        #expect(try await CurlTransport(configuration: configuration).execute(request).status == .noContent)
        #expect(proxy.connectionCount == 0)
    }

    @Test(
        "link-local addresses are behind no proxy, whatever the scheme",
        arguments: [
            ("https://169.254.169.254/x", true), ("https://[fe80::1]/x", true), ("https://127.0.0.1/x", true),
            ("https://graph.test/x", false), ("https://169.254.example/x", false), ("https://10.0.0.1/x", false),
        ]
    )
    func linkLocal(url: String, isDirect: Bool) throws {
        var configuration = CurlConfiguration.patient
        configuration.proxy = try UpstreamURL("http://proxy.test:3128", allowingPlainHTTP: true)
        #expect((configuration.proxy(for: try UpstreamURL(url)) == nil) == isDirect)
    }
}
