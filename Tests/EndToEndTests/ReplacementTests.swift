import Foundation
import Glibc
import TestSupport
import Testing

/// A credential that is replaced by one that Entra does not know yet, as fresh ones are for some minutes.
@Suite("Replaced credentials, end to end", .timeLimit(.minutes(5)))
struct ReplacementTests {
    typealias Identity = CredentialTests.Identity

    private func line(_ beginning: String, of deployment: Deployment) async throws -> [String: String] {
        try await deployment.gateway.waitFor("'\(beginning)'") { program in
            program.log.first { $0["message"]?.hasPrefix(beginning) == true }
        }
    }

    @Test("a certificate that Entra does not know yet harms nobody, and is tried again on SIGHUP")
    func refusedCertificate() async throws {
        let folder = try Folder()
        let old = try await Identity("old", in: folder)
        let new = try await Identity("new", in: folder)
        let path = try folder.write(old.both, to: "credential.pem")
        let deployment = try await Deployment.start(
            sandboxFlags: ["--certificate", folder.path + "/old.crt"],
            settings: CredentialTests.noSecret.merging(["AZURE_CLIENT_CERTIFICATE_PATH": path]) { $1 }
        )
        #expect(try await deployment.mint().status == 201)
        _ = try folder.write(new.both, to: "draft.pem")
        #expect(rename(folder.path + "/draft.pem", path) == 0)
        let refused = try await line("new credential refused", of: deployment)
        #expect(refused["level"] == "warning")
        #expect(refused["entra.aadsts"] == "700027")
        #expect(try await deployment.mint().status == 201)
        #expect(!deployment.gateway.log.contains { $0["message"]?.hasPrefix("credential replaced") == true })

        let body = try JSONSerialization.data(withJSONObject: ["certificates": [new.certificate]])
        let registered = try await curl(
            ["-X", "POST", deployment.sandboxURL + "/_sandbox/tenant", "-d", String(decoding: body, as: UTF8.self)]
        )
        #expect(registered.status == 200)
        kill(deployment.gateway.processID, SIGHUP)
        #expect(try await line("credential replaced", of: deployment)["credential.generation"] == "2")
        #expect(try await deployment.mint().status == 201)
        let seen = deployment.gateway.standardOutput + deployment.gateway.standardError
        #expect(!seen.contains("PRIVATE KEY") && !seen.contains("eyJ"))
        for line in (old.key + new.key).split(separator: "\n") where line.count > 60 { #expect(!seen.contains(line)) }
    }

    @Test("a secret in a file is rotated without a restart")
    func rotatedSecret() async throws {
        let folder = try Folder()
        let file = try folder.write(Deployment.secret, to: "secret")
        let deployment = try await Deployment.start(settings: ["AZURE_CLIENT_SECRET_FILE": file])
        #expect(try await deployment.mint().status == 201)
        let rotated = try await curl([
            "-X", "POST", deployment.sandboxURL + "/_sandbox/tenant",
            "-d", #"{"clientSecret": "canary-rotated-0123456789"}"#,
        ])
        #expect(rotated.status == 200)
        _ = try folder.write("canary-rotated-0123456789\n", to: "secret")
        _ = try await line("credential replaced", of: deployment)
        #expect(try await deployment.mint().status == 201)
        #expect(!deployment.gateway.standardOutput.contains("canary"))
    }
}
