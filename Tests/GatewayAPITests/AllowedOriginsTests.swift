import HTTPTypes
import Settings
import Testing

@testable import GatewayAPI

@Suite("AllowedOrigins")
struct AllowedOriginsTests {
    private func read(_ text: String) -> (origins: AllowedOrigins, problems: [SettingsProblem]) {
        let settings = SettingsReader(environment: ["CORS_ALLOWED_ORIGINS": text])
        return (AllowedOrigins(settings), settings.problems)
    }

    @Test(
        "an origin is kept in the form in which browsers send it",
        arguments: [
            ("https://portal.example.com", "https://portal.example.com"),
            ("HTTPS://Portal.Example.COM", "https://portal.example.com"),
            ("https://portal.example.com:8443", "https://portal.example.com:8443"),
            ("https://portal.example.com:443", "https://portal.example.com"),
            ("http://portal.example.com:80", "http://portal.example.com"),
            ("http://portal.example.com:443", "http://portal.example.com:443"),
            ("http://localhost:5173", "http://localhost:5173"), ("http://192.0.2.7", "http://192.0.2.7"),
            ("https://[2001:DB8:0:0::1]:8443", "https://[2001:db8::1]:8443"), ("http://[::1]", "http://[::1]"),
            ("https://xn--lger-loa.example", "https://xn--lger-loa.example"),
            ("https://under_score.example:65535", "https://under_score.example:65535"),
        ]
    )
    func form(given: String, kept: String) {
        let (origins, problems) = read(given)
        #expect(problems.isEmpty)
        #expect(origins.allowed([kept]) == kept)
        if given != kept { #expect(origins.allowed([given]) == nil) }
    }

    @Test("several stand between commas, with or without blanks, and nothing at all is none")
    func list() {
        let (origins, problems) = read(" https://a.example,http://b.example:8080 , https://c.example,")
        #expect(problems.isEmpty)
        for origin in ["https://a.example", "http://b.example:8080", "https://c.example"] {
            #expect(origins.allowed([origin]) == origin)
        }
        for origin in ["https://b.example:8080", "https://a.example:8443", "https://d.example", "null", "", "*"] {
            #expect(origins.allowed([origin]) == nil)
        }
        #expect(origins.allowed([]) == nil)
        #expect(origins.allowed(["https://a.example", "https://a.example"]) == nil)
        #expect(read("").origins.isEmpty)
        #expect(!origins.isEmpty)
    }

    @Test(
        "what is no exact origin is a problem that says why",
        arguments: [
            ("*", "'*' stands for more than one origin"),
            ("https://*.example.com", "'https://*.example.com' stands for more than one origin"),
            ("null", "'null' is the origin of every sandboxed page and local file"),
            ("NULL", "'NULL' is the origin of every sandboxed page and local file"),
            ("portal.example.com", "'portal.example.com' has no scheme"),
            ("//portal.example.com", "'//portal.example.com' has no scheme"),
            ("https:portal.example.com", "'https:portal.example.com' has no scheme"),
            ("ftp://portal.example.com", "'ftp://portal.example.com' is neither http nor https"),
            ("://portal.example.com", "'://portal.example.com' is neither http nor https"),
            ("https://portal.example.com/", "'https://portal.example.com/' ends with a slash"),
            ("https://a.example/portal", "'https://a.example/portal' has more than scheme, host and port"),
            ("https://a.example/portal/", "'https://a.example/portal/' has more than scheme, host and port"),
            ("https://a.example?x", "'https://a.example?x' has more than scheme, host and port"),
            ("https://a.example#x", "'https://a.example#x' has more than scheme, host and port"),
            ("https://", "the host in 'https://' is neither a name nor an address"),
            ("https://:8443", "the host in 'https://:8443' is neither a name nor an address"),
            ("https://a..example", "the host in 'https://a..example' is neither a name nor an address"),
            ("https://läger.example", "the host in 'https://läger.example' is neither a name nor an address"),
            ("https://192.0.2.256", "the host in 'https://192.0.2.256' is neither a name nor an address"),
            ("https://2001:db8::1", "the host in 'https://2001:db8::1' is neither a name nor an address"),
            ("https://[2001:db8::x]", "the host in 'https://[2001:db8::x]' is neither a name nor an address"),
            ("https://[fe80::1%eth0]", "the host in 'https://[fe80::1%eth0]' is neither a name nor an address"),
            ("https://a.example:", "the port in 'https://a.example:' is not a number from 1 to 65535"),
            ("https://a.example:0", "the port in 'https://a.example:0' is not a number from 1 to 65535"),
            ("https://a.example:65536", "the port in 'https://a.example:65536' is not a number from 1 to 65535"),
            ("https://a.example:+8", "the port in 'https://a.example:+8' is not a number from 1 to 65535"),
            ("https://a.example:0443", "the port in 'https://a.example:0443' is not a number from 1 to 65535"),
        ]
    )
    func defects(given: String, reason: String) {
        let (origins, problems) = read("https://good.example, \(given)")
        #expect(problems.map(\.name) == ["CORS_ALLOWED_ORIGINS"])
        #expect(problems.map(\.reason) == [reason])
        #expect(problems.allSatisfy { !$0.fix.isEmpty })
        #expect(origins.allowed([given]) == nil)
    }

    @Test("an origin with a user in it is not shown, since there may be a password")
    func user() {
        let problems = read("https://me:canary@a.example").problems
        #expect(problems.map(\.reason) == ["one of the origins has a user in it"])
        #expect(!problems.description.contains("canary"))
    }

    @Test("all problems are told together")
    func together() { #expect(read("*, null, https://a.example/, https://good.example").problems.count == 3) }

    @Test(
        "Origin joins the names that stand in Vary already, once",
        arguments: [
            (nil, "Origin"), ("Accept", "Accept, Origin"), ("Accept, origin", "Accept, origin"), ("*", "*"),
            ("Accept-Origin", "Accept-Origin, Origin"),
        ] as [(String?, String)]
    )
    func vary(given: String?, expected: String) {
        var fields = HTTPFields()
        fields[.vary] = given
        read("https://a.example").origins.mark(&fields, for: [])
        #expect(fields[values: .vary] == [expected])
        #expect(fields[.accessControlAllowOrigin] == nil)
    }
}
