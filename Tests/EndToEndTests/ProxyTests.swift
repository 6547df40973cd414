import TestSupport
import Testing

/// `UPSTREAM_PROXY` and nothing else decides on a proxy.
@Suite("Proxies, end to end", .timeLimit(.minutes(5)))
struct ProxyTests {
    func proxy() throws -> RawServer {
        try RawServer { connection in
            _ = connection.readRequest()
            connection.send("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n")
        }
    }

    @Test("the variables that name a proxy for other programs are ignored", arguments: [false, true])
    func ignored(secure: Bool) async throws {
        let proxy = try proxy()
        var settings: [String: String] = [:]
        for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            settings[name] = "http://127.0.0.1:\(proxy.port)"
        }
        let deployment = try await Deployment.start(secure: secure, settings: settings)
        #expect(try await deployment.mint().status == 201)
        #expect(proxy.connectionCount == 0)
    }

    @Test("no_proxy does not take the configured proxy away")
    func kept() async throws {
        let proxy = try proxy()
        let gateway = try Program(
            "enrollment-gateway",
            ["serve"],
            environment: [
                "HTTP_PORT": "0", "MANAGEMENT_PORT": "0", "API_KEY": Deployment.key,
                "AZURE_TENANT_ID": Deployment.tenant, "AZURE_CLIENT_ID": Deployment.client,
                "AZURE_CLIENT_SECRET": Deployment.secret, "AZURE_AUTHORITY_HOST": "https://entra.invalid",
                "UPSTREAM_PROXY": "127.0.0.1:\(proxy.port)", "no_proxy": "*", "NO_PROXY": "*", "LEDGER_URL": "none",
            ]
        )
        var arrivals = proxy.arrivals.makeAsyncIterator()
        let request = await arrivals.next()
        #expect(request?.head.hasPrefix("CONNECT entra.invalid:443 HTTP/1.1\r\n") == true)
        gateway.terminate()
    }
}
