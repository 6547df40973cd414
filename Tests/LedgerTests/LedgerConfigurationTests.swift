import Settings
import Testing

@testable import Ledger

@Suite("The ledger's settings")
struct LedgerConfigurationTests {
    private static func read(_ environment: [String: String]) -> (LedgerConfiguration, [String]) {
        let reader = SettingsReader(environment: environment)
        let configuration = LedgerConfiguration(reader)
        return (configuration, reader.problems.map(\.description))
    }

    @Test("without settings there is a file, for 90 days, and keys are remembered for a day")
    func defaults() {
        let (configuration, problems) = Self.read([:])
        #expect(problems.isEmpty && "\(configuration.place)" == "the file data/ledger.sqlite")
        #expect(configuration.retention == .seconds(90 * 86_400) && configuration.keyLifetime == .seconds(86_400))
        #expect(configuration.auditLogPath == nil && !configuration.sharesRateLimits)
    }

    @Test(
        "the place is a file, a database or none",
        arguments: [
            ("sqlite:a/b.sqlite", "the file a/b.sqlite"), ("sqlite:/var/lib/l", "the file /var/lib/l"),
            ("sqlite:///var/lib/l", "the file /var/lib/l"), ("postgresql://u:p@h/d", "PostgreSQL"),
            ("postgres://h/d", "PostgreSQL"), ("none", "none: nothing is kept, and an Idempotency-Key is refused"),
        ]
    )
    func places(url: String, place: String) {
        let (configuration, problems) = Self.read(["LEDGER_URL": url])
        #expect(problems.isEmpty && "\(configuration.place)" == place)
    }

    @Test(
        "what is none of them is refused without being quoted",
        arguments: ["mysql://u:canary@h", "canary", "sqlite:", "sqlite:canary/"]
    )
    func invalidPlace(url: String) {
        let (_, problems) = Self.read(["LEDGER_URL": url])
        #expect(problems.count == 1 && problems[0].contains("LEDGER_URL") && !problems[0].contains("canary"))
    }

    @Test("the URL is no flag, since it may hold a password")
    func flag() {
        let reader = SettingsReader(arguments: ["--ledger-url", "postgresql://u:canary@h/d"], environment: [:])
        _ = LedgerConfiguration(reader)
        let problems = reader.problems.map(\.description).joined()
        #expect(problems.contains("LEDGER_URL") && !problems.contains("canary"))
    }

    @Test("what does not fit together is said")
    func contradictions() {
        let cases: [([String: String], String)] = [
            (["LEDGER_RETENTION": "1d", "IDEMPOTENCY_KEY_LIFETIME": "2d"], "LEDGER_RETENTION"),
            (["SHARED_RATE_LIMITS": "on"], "SHARED_RATE_LIMITS"),
            (["LEDGER_URL": "none", "AUDIT_LOG_PATH": "/tmp/a"], "AUDIT_LOG_PATH"),
            (["LEDGER_RETENTION": "1h"], "LEDGER_RETENTION"),
            (["IDEMPOTENCY_KEY_LIFETIME": "1s"], "IDEMPOTENCY_KEY_LIFETIME"),
        ]
        for (environment, name) in cases {
            let problems = Self.read(environment).1
            #expect(problems.count == 1 && problems[0].contains(name), "\(environment) \(problems)")
        }
        #expect(Self.read(["SHARED_RATE_LIMITS": "on", "LEDGER_URL": "postgresql://h/d"]).1.isEmpty)
    }
}
