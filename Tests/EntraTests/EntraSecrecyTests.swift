import HTTPTypes
import InMemoryLogging
import Logging
import Settings
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("Secrecy of Entra", .timeLimit(.minutes(5)))
struct EntraSecrecyTests {
    private static let secret = "canary~Secret/value+1="
    private static let token = "eyJ.canary.token"

    /// Answers that give back what they were shown, in every member that is read.
    private static let answers: [UpstreamResponse] = [
        .granted(token),
        .granted(token + " " + secret),
        .text(.ok, token),
        .text(.ok, #"{"token_type":"\#(secret)","access_token":"\#(token)"}"#),
        .text(.ok, #"{"token_type":"Bearer","access_token":"\#(token)","expires_in":"\#(secret)"}"#),
        .text(
            .unauthorized,
            """
            {"error":"invalid_client","error_description":"AADSTS7000215: \(secret) \(token)","error_codes":[7000215],
            "trace_id":"\(secret)","correlation_id":"\(token)","claims":"\(token)","suberror":"\(secret)"}
            """
        ),
        .text(.badRequest, #"{"error":"\#(secret)"}"#),
        .text(.badRequest, secret + token),
        .text(.init(code: 302), "", fields: [.location: "https://login.example/?secret=\(secret)"]),
        .text(.init(code: 503), secret + token, fields: [.retryAfter: token]),
        .text(.tooManyRequests, secret + token),
    ]

    @Test("neither secret nor token is in an error, a description, a dump or a log line", arguments: answers.indices)
    func canary(index: Int) async throws {
        let response = Self.answers[index]
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test", factory: { _ in handler })
        logger.logLevel = .trace
        let credential = ClientSecretCredential(Secret(Self.secret))
        let bench = Bench(logger: logger, credential: credential) { _, _ in response }
        var outputs: [String] = []
        func show(_ value: Any) {
            var dumped = ""
            dump(value, to: &dumped)
            outputs += ["\(value)", String(reflecting: value), dumped]
        }

        do {
            let token = try await bench.token()
            show(token)
            await bench.cache.invalidate(token, challenge: nil)
        } catch {
            show(error)
            show(error.metadata)
        }
        show(bench.cache)
        show(bench.cache.health)
        show(credential)
        show(EntraConfiguration.example(credential: credential))
        #expect(!handler.entries.isEmpty)
        for entry in handler.entries { show(entry) }

        #expect(bench.transport.requests.count == 1)
        for output in outputs { #expect(!output.contains("canary")) }
    }

    @Test("a refusal is logged as an error with its code and trace; a passing trouble is a warning")
    func levels() async throws {
        let handler = InMemoryLogHandler()
        let logger = Logger(label: "test", factory: { _ in handler })
        let bench = Bench(logger: logger) { (_, index) async -> UpstreamResponse in
            switch index {
            case 0: .fault(.unauthorized, "invalid_client", code: 7_000_215)
            case 1: .text(.init(code: 503), "")
            default: .granted()
            }
        }
        for _ in 0..<3 {
            _ = await bench.failure()
            bench.clock.advance(by: .seconds(70))
        }
        await eventually { handler.entries.count >= 4 }
        let entries = handler.entries
        #expect(entries.map(\.level) == [.error, .warning, .info, .notice])
        #expect(
            entries.map(\.message) == [
                "access token refused", "access token not obtained", "access token obtained",
                "access token's roles cannot be read",
            ]
        )
        let refusal = try #require(entries.first?.metadata)
        #expect(refusal["entra.aadsts"] == "7000215")
        #expect(refusal["entra.reason"] == "secret-wrong")
        #expect(refusal["entra.trace_id"] == "0f0f0f0f-0000-4000-8000-000000000001")
        #expect(entries[2].metadata["entra.expires_in"] == "3600")
    }
}
