import Graph
import KeyRing
import Settings
import Testing

@testable import GatewayAPI

@Suite("GatewayConfiguration")
struct GatewayConfigurationTests {
    private func problems(_ environment: [String: String]) -> [String] {
        let settings = SettingsReader(environment: environment)
        _ = GatewayConfiguration(settings)
        return settings.problems.map(\.name)
    }

    @Test("without settings it has the documented defaults")
    func defaults() throws {
        let settings = SettingsReader(environment: [:])
        let configuration = GatewayConfiguration(settings)
        try settings.finish()
        #expect(configuration.host == "127.0.0.1")
        #expect(configuration.port == 8080)
        #expect(configuration.managementHost == "127.0.0.1")
        #expect(configuration.managementPort == 9090)
        #expect(configuration.limits == EdgeLimits())
        #expect(configuration.rules.defaultKind == .androidForWork)
        #expect(configuration.rules.defaultValidityInSeconds == 86_400)
        #expect(configuration.rules.greatestValidityInSeconds == 7_776_000)
        #expect(configuration.startupLimit == .seconds(10))
        #expect(configuration.shutdownGrace == .zero)
        #expect(configuration.shutdownLimit == .seconds(35))
        #expect(configuration.keys.single == nil)
        #expect(configuration.keys.file == nil)
        #expect(configuration.badKeyLimit == SettingRate(count: 60, interval: .seconds(60)))
        #expect(configuration.trustedProxies == TrustedProxies())
        #expect(configuration.allowedOrigins == AllowedOrigins())
    }

    @Test(
        "an API key is 16 to 512 printable characters, and a bad one is not shown",
        arguments: [
            ("canary-0123456789", true), (String(repeating: "k", count: 16), true),
            (String(repeating: "k", count: 512), true),
            (String(repeating: "k", count: 15), false), (String(repeating: "k", count: 513), false),
            ("canary 0123456789", false),
            ("canary-0123456789ü", false), ("canary-0123456789\t", false), ("canary-0123456789\u{7F}", false),
        ]
    )
    func apiKey(key: String, isGood: Bool) {
        let settings = SettingsReader(environment: ["API_KEY": key])
        _ = GatewayConfiguration(settings)
        #expect(settings.problems.map(\.name) == (isGood ? [] : ["API_KEY"]))
        #expect(!settings.problems.description.contains(key))
    }

    @Test("a default above the ceiling is a problem only where it was given")
    func validity() {
        #expect(
            problems(["TOKEN_DEFAULT_VALIDITY_SECONDS": "5000", "TOKEN_MAX_VALIDITY_SECONDS": "4000"]) == [
                "TOKEN_DEFAULT_VALIDITY_SECONDS"
            ]
        )
        let configuration = GatewayConfiguration(SettingsReader(environment: ["TOKEN_MAX_VALIDITY_SECONDS": "4000"]))
        #expect(configuration.rules.defaultValidityInSeconds == 4000)
    }

    @Test("both sides need ports of their own, unless the system picks them")
    func ports() {
        #expect(problems(["HTTP_PORT": "9090"]) == ["MANAGEMENT_PORT"])
        #expect(problems(["HTTP_PORT": "0", "MANAGEMENT_PORT": "0"]) == [])
    }

    @Test(
        "each setting out of its range is named",
        arguments: [
            ("HTTP_PORT", "65536"), ("MANAGEMENT_PORT", "-1"), ("HTTP_HEADER_TIMEOUT", "99ms"),
            ("HTTP_BODY_TIMEOUT", "2h"),
            ("HTTP_IDLE_TIMEOUT", "60"), ("HTTP_MAX_BODY_BYTES", "63"), ("HTTP_MAX_HEADER_BYTES", "1023"),
            ("HTTP_MAX_URL_BYTES", "255"),
            ("HTTP_WRITE_TIMEOUT", "0s"), ("HTTP_MAX_HEADER_FIELDS", "9"), ("HTTP_MAX_CONNECTIONS_PER_ADDRESS", "0"),
            ("HTTP_MAX_REQUESTS_PER_CONNECTION", "none"), ("HTTP_MAX_CONNECTIONS", "0"), ("HTTP_MAX_IN_FLIGHT", "0"),
            ("HTTP_MAX_BAD_KEYS", "none"),
            ("GRAPH_PROFILE_KIND", "android"), ("CORS_ALLOWED_ORIGINS", "*"),
            ("TOKEN_DEFAULT_VALIDITY_SECONDS", "59"), ("TOKEN_MAX_VALIDITY_SECONDS", "2051244001"),
            ("SHUTDOWN_LIMIT", "0s"), ("SHUTDOWN_GRACE", "11m"), ("STARTUP_LIMIT", "10"),
        ]
    )
    func ranges(name: String, value: String) { #expect(problems([name: value]) == [name]) }
}
