import InMemoryLogging
import Logging
import NIOCore
import ServiceLifecycle
import Settings
import Testing

@testable import Sandbox

@Suite("What the sandbox logs", .timeLimit(.minutes(5)))
struct LogSecrecyTests {
    @Test("neither a secret nor a token is in it, at any level")
    func secrecy() async throws {
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test") { _ in handler }
        logger.logLevel = .trace
        var configuration = SandboxConfiguration()
        configuration.clientSecret = Secret("canary-client-secret")
        try await SandboxClient.withSandbox(configuration, logger: logger) { client in
            let token = try await client.accessToken(["client_secret": "canary-client-secret"])
            _ = try await client.createToken(token: token)
            _ = try await client.graph("GET", "\(SandboxClient.forWork)/\(SandboxClient.forWorkID)", token: token)
            _ = try await client.send("GET", "/beta/canary-path?canary-query=1")
            client.store.inject(SandboxFault(.list, .end(.reset)))
            _ = try await client.graph("GET", SandboxClient.forWork, token: token)
            try await eventually { client.store.counters[.list].broken == 1 }

            let enrollmentToken = try #require(client.store.profile(SandboxClient.forWorkID)?.tokenValue)
            let log = handler.entries.map { "\($0)" }.joined(separator: "\n")
            #expect(log.contains("createToken"))
            for secret in ["canary", token, String(token.suffix(20)), enrollmentToken] {
                #expect(!log.contains(secret))
            }
        }
    }
}
