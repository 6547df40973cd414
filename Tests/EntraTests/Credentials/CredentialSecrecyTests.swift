import Foundation
import HTTPTypes
import InMemoryLogging
import Logging
import NIOCore
import Settings
import TestSupport
import Testing
import Transport

@testable import Entra

@Suite("Secrecy of credentials", .timeLimit(.minutes(5)))
struct CredentialSecrecyTests {
    @Test("neither key nor password, assertion, federated token or header is shown, whatever is printed")
    func canaries() async throws {
        let folder = try TemporaryFolder()
        let own = try TestCertificate()
        let plain = try folder.write(own.keyPEM, to: "key.pem")
        try await OpenSSL.run(
            "pkcs8",
            "-topk8",
            "-in",
            plain,
            "-out",
            folder.path("encrypted.pem"),
            "-passout",
            "pass:canary-password"
        )
        let encrypted = String(decoding: try folder.read("encrypted.pem"), as: UTF8.self)
        let certificate = try folder.write(own.pem + encrypted, to: "app.pem")
        let token = try folder.write("eyJ.canary.token", to: "token")
        let registration = AccessConfigurationTests.tenant
        let environments = [
            registration.merging([
                "AZURE_CLIENT_CERTIFICATE_PATH": certificate, "AZURE_CLIENT_CERTIFICATE_PASSWORD": "canary-password",
                "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN": "1",
            ]) { $1 },
            registration.merging(["AZURE_CLIENT_SECRET": "canary-secret"]) { $1 },
            registration.merging(["AZURE_FEDERATED_TOKEN_FILE": token]) { $1 },
            ["IDENTITY_ENDPOINT": "http://127.0.0.1/t", "IDENTITY_HEADER": "canary-header"],
        ]
        var outputs: [String] = []
        func show(_ value: Any) {
            var dumped = ""
            dump(value, to: &dumped)
            outputs += ["\(value)", String(reflecting: value), dumped]
        }
        let handler = InMemoryLogHandler()
        var logger = Logger(label: "test", factory: { _ in handler })
        logger.logLevel = .trace
        var sent = 0
        for environment in environments {
            let settings = SettingsReader(environment: environment)
            let graph = try UpstreamURL("https://graph.microsoft.com/beta")
            let access = try #require(AccessConfiguration(settings, graphRoot: graph, cloud: .global))
            try settings.finish()
            show(access)
            show(access.facts)
            // What is sent comes back in every member, as a broken server might do.
            let transport = ScriptedTransport { request, _ in
                let shown = request.body.map { String(buffer: $0) } ?? "canary"
                return .json(
                    .unauthorized,
                    #"{"error":"invalid_client","error_description":"\#(shown)","error_codes":[700027],"message":"\#(shown)"}"#
                )
            }
            let inUse = access.credential(transport: transport, clock: ManualClock(), logger: logger)
            show(inUse)
            do throws(EntraError) {
                show(try await inUse.source.requestGrant(claims: nil))
            } catch {
                show(error)
                show(error.metadata)
            }
            if let rotation = inUse.rotation {
                show(try await rotation.proof())
                try folder.write("-----BEGIN PRIVATE KEY-----\ncanary\n", to: "app.pem")
                await rotation.reload(.change)
                show(rotation)
                show(rotation.facts)
            }
            sent += transport.requests.count
        }
        for entry in handler.entries { show(entry) }
        #expect(sent == 4)
        #expect(!handler.entries.isEmpty)
        let keyLines =
            try own.keyPEM.split(separator: "\n").dropFirst().dropLast()
            + encrypted.split(separator: "\n").dropFirst().dropLast()
        for output in outputs {
            #expect(!output.contains("canary"))
            #expect(!output.contains("PRIVATE KEY-----"))
            #expect(!output.contains("eyJ"))
            #expect(!keyLines.contains { output.contains($0) })
        }
    }
}
