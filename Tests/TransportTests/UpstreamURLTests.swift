import Testing
import Transport

@Suite("UpstreamURL")
struct UpstreamURLTests {
    @Test(
        "an address is taken apart",
        arguments: [
            ("https://graph.microsoft.com/beta", "https://graph.microsoft.com", "graph.microsoft.com", 443, "/beta"),
            ("HTTPS://Graph.Microsoft.com/beta/", "https://graph.microsoft.com", "graph.microsoft.com", 443, "/beta"),
            ("http://127.0.0.1:8081", "http://127.0.0.1:8081", "127.0.0.1", 8081, ""),
            ("http://localhost/x", "http://localhost", "localhost", 80, "/x"),
            ("http://[::1]:9/x", "http://[::1]:9", "[::1]", 9, "/x"),
        ]
    )
    func parts(text: String, origin: String, host: String, port: Int, path: String) throws {
        let url = try UpstreamURL(text)
        #expect((url.origin, url.host, url.port, url.path) == (origin, host, port, path))
    }

    @Test(
        "what is no safe address of an upstream is refused, with the reason",
        arguments: [
            ("graph.microsoft.com", UpstreamURLError.notAbsolute), ("ftp://x", .scheme), ("https://a b", .unprintable),
            ("https://a\\b", .unprintable), ("https://a/#b", .fragment), ("https://u:p@a", .userInformation),
            ("https://a:0", .port), ("https://a:70000", .port), ("https://a:x", .port), ("https://", .host),
            ("https://a%2eb", .host), ("http://example.com", .insecure), ("http://127.0.0.1.example.com", .insecure),
            ("http://128.0.0.1", .insecure), ("http://127.0.0.999", .insecure), ("https://exämple.com", .unprintable),
        ]
    )
    func refused(text: String, error: UpstreamURLError) {
        #expect(throws: error) { try UpstreamURL(text) }
    }

    @Test("a proxy may be reached by plain http")
    func proxy() throws {
        #expect(
            try UpstreamURL("http://proxy.example:3128", allowingPlainHTTP: true).description
                == "http://proxy.example:3128"
        )
    }

    @Test("a path is appended, and the query replaced")
    func appending() throws {
        let url = try UpstreamURL("https://graph.microsoft.com/beta").appending(path: "/me", query: "$select=id")
        #expect(url.description == "https://graph.microsoft.com/beta/me?$select=id")
    }
}
