import NIOSSL
import TestSupport
import TestUpstream
import Testing
import Transport

@testable import CurlTransport

@Suite("Probing a connection", .timeLimit(.minutes(5)))
struct ConnectionProbeTests {
    let authority: TestAuthority
    let names = FakeNames(["graph.test": ["127.0.0.1"], "proxy.test": ["127.0.0.1"]])

    init() throws { authority = try TestAuthority() }

    func probe(trusting isTrusted: Bool = true, proxy: Int? = nil, lookupLimit: Duration = .seconds(60)) throws
        -> ConnectionProbe
    {
        var configuration = CurlConfiguration.patient
        configuration.lookup = names.lookup
        configuration.certificateAuthoritiesPath = isTrusted ? authority.path : nil
        configuration.proxy = try proxy.map { try UpstreamURL("http://proxy.test:\($0)", allowingPlainHTTP: true) }
        return try ConnectionProbe(configuration: configuration, lookupLimit: lookupLimit)
    }

    func findings(_ probe: ConnectionProbe, _ url: String) async throws -> ConnectionFindings {
        let url = try UpstreamURL(url)
        return await probe.connect(to: url, at: try await probe.addresses(toward: url).get())
    }

    func server(_ context: NIOSSLContext) async throws -> WireServer { try await WireServer(context) { _, _, _ in } }

    @Test("a trusted server is met, its certificate read, and nothing asked of it")
    func trusted() async throws {
        let server = try await server(authority.serverContext(host: "graph.test"))
        let found = try await findings(probe(), "https://graph.test:\(server.port)/some/path")
        #expect(found.failure == nil)
        #expect(found.address == "127.0.0.1")
        #expect(found.connectedAfter != nil && found.securedAfter != nil)
        #expect(found.chain.first?.shortSubject == "Test server")
        #expect(found.chain.first?.shortIssuer.hasPrefix("Test authority ") == true)
        let now = Timestamp.now
        #expect(try #require(found.chain.first?.notBefore) < now)
        #expect(try #require(found.chain.first?.notAfter) > now)
        #expect(server.receivedCount == 0)
    }

    @Test("a server that nothing here vouches for is told as such, and its certificate shown")
    func unknownAuthority() async throws {
        let server = try await server(authority.serverContext(host: "graph.test"))
        let found = try await findings(probe(trusting: false), "https://graph.test:\(server.port)")
        #expect(found.failure?.stage == .trust(.unknownAuthority))
        #expect(found.connectedAfter != nil)
        #expect(found.securedAfter == nil)
        #expect(found.chain.first?.shortIssuer.hasPrefix("Test authority ") == true)
        #expect(server.receivedCount == 0)
    }

    @Test("an expired certificate, and one for another name, are told apart")
    func wrongCertificate() async throws {
        let expired = try await server(authority.serverContext(host: "graph.test", expired: true))
        #expect(try await findings(probe(), "https://graph.test:\(expired.port)").failure?.stage == .trust(.expired))
        let other = try await server(authority.serverContext(host: "other.test"))
        let found = try await findings(probe(), "https://graph.test:\(other.port)")
        #expect(found.failure?.stage == .trust(.wrongName))
        #expect(found.chain.count == 1)
    }

    @Test("a server that does not speak TLS is a failed handshake")
    func noTLS() async throws {
        let server = try RawServer { connection in connection.send("220 mail.test ready\r\n") }
        let found = try await findings(probe(), "https://graph.test:\(server.port)")
        #expect(found.failure?.stage == .trust(.handshake))
        #expect(found.chain.isEmpty)
    }

    @Test("a port where nobody listens takes no connection")
    func nobody() async throws {
        let nobody = try SilentPort(.refuses)
        let found = try await findings(probe(), "https://graph.test:\(nobody.port)")
        withExtendedLifetime(nobody) {}
        #expect(found.failure?.stage == .connecting)
        #expect(found.address == nil)
    }

    @Test("plain http on loopback is connected to, and nothing is said")
    func plain() async throws {
        let server = try RawServer.answering(noContent)
        let found = try await findings(probe(), "http://127.0.0.1:\(server.port)")
        #expect(found.failure == nil)
        #expect(found.address == "127.0.0.1")
        #expect(found.securedAfter == nil && found.chain.isEmpty)
        #expect(server.requests.isEmpty)
    }

    @Test("TLS goes through a proxy; one that refuses, and one that is none, are told apart")
    func proxy() async throws {
        let server = try await server(authority.serverContext(host: "graph.test"))
        let url = "https://graph.test:\(server.port)"
        let tunnelling = try RawServer { connection in
            guard connection.readRequest() != nil else { return }
            connection.tunnel(toward: server.port, greeting: "HTTP/1.1 200 Connection established\r\n\r\n")
        }
        let found = try await findings(probe(proxy: tunnelling.port), url)
        #expect(found.failure == nil)
        #expect(found.chain.first?.shortSubject == "Test server")
        let refusing = try RawServer.answeringOnce("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")
        #expect(try await findings(probe(proxy: refusing.port), url).failure?.stage == .proxy(status: 403))
        let silent = try RawServer { connection in _ = connection.readRequest() }
        #expect(try await findings(probe(proxy: silent.port), url).failure?.stage == .proxy(status: nil))
    }

    @Test("names are looked up as for requests: the proxy's where there is one, and none for an address")
    func names() async throws {
        let url = try UpstreamURL("https://graph.test")
        #expect(try await probe().addresses(toward: url).get().map(\.description) == ["127.0.0.1"])
        let direct = try UpstreamURL("https://[::1]:8443")
        #expect(try await probe(proxy: 1).addresses(toward: direct).get().map(\.description) == ["::1"])
        names["graph.test"] = nil
        #expect(try await probe(proxy: 1).addresses(toward: url).get().map(\.description) == ["127.0.0.1"])
        await #expect(throws: HostLookupError.self) { try await probe().addresses(toward: url).get() }
    }

    @Test("a resolver that hangs is waited for no longer than the limit, and a cancelled probe not at all")
    func hangingResolver() async throws {
        names.hang("graph.test")
        let url = try UpstreamURL("https://graph.test")
        let brief = try probe(lookupLimit: .milliseconds(50))
        await #expect(throws: HostLookupError.self) { try await brief.addresses(toward: url).get() }
        let patient = try probe()
        let task = Task { await patient.addresses(toward: url) }
        task.cancel()
        await #expect(throws: HostLookupError.self) { try await task.value.get() }
    }

    @Test(
        "dates are read as OpenSSL writes them",
        arguments: [
            ("Nov  4 08:49:37 2026 GMT", "2026-11-04T08:49:37Z"), ("Dec 31 23:59:59 2049 GMT", "2049-12-31T23:59:59Z"),
            ("Nov 4 08:49:37 2026", nil), ("Smarch  4 08:49:37 2026 GMT", nil), ("", nil),
        ]
    )
    func dates(text: String, expected: String?) {
        #expect(ServerCertificate.date(text)?.rfc3339 == expected)
    }

    @Test(
        "the common name is found in each of OpenSSL's spellings",
        arguments: [
            ("C = US, O = DigiCert Inc, CN = DigiCert Global G2", "DigiCert Global G2"),
            ("C=US; O=DigiCert Inc; CN=DigiCert Global G2", "DigiCert Global G2"),
            ("CN = Example, Inc, O = X", "Example, Inc"), ("O = Nobody", "O = Nobody"),
        ]
    )
    func commonNames(name: String, expected: String) {
        #expect(ServerCertificate(subject: name, issuer: "").shortSubject == expected)
    }

    @Test("what a server writes into its certificate cannot steer a terminal, nor fill it")
    func hostileCertificate() {
        let lines = ["Subject:CN = \u{1B}[31mred\u{7}", "Issuer:CN = " + String(repeating: "x", count: 5000)]
        let certificate = ServerCertificate(lines: lines)
        #expect(certificate.shortSubject == "?[31mred?")
        #expect(certificate.issuer.count == ServerCertificate.longestName)
    }
}
