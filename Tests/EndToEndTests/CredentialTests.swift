import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@Suite("Credentials, end to end", .timeLimit(.minutes(5)))
struct CredentialTests {
    /// What turns the deployment's client secret off.
    static let noSecret = ["AZURE_CLIENT_SECRET_FILE": ""]

    /// A certificate with its key, made by OpenSSL.
    struct Identity {
        let certificate: String
        let key: String
        var both: String { key + certificate }

        init(_ name: String, days: Int = 90, in folder: Folder) async throws {
            let (key, certificate) = (folder.path + "/\(name).key", folder.path + "/\(name).crt")
            let made = try await run(
                "openssl",
                [
                    "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=\(name)", "-days", "\(days)",
                    "-keyout", key,
                    "-out", certificate,
                ]
            )
            guard made.code == 0 else { throw Program.Failure(description: "openssl: \(made.output)") }
            self.key = try String(contentsOfFile: key, encoding: .utf8)
            self.certificate = try String(contentsOfFile: certificate, encoding: .utf8)
        }
    }

    /// The detail of a check of `/readyz`.
    private func check(_ name: String, of deployment: Deployment) async throws -> [String: Any] {
        let port = try await deployment.gateway.logLine("Serving management")["management.port"] ?? ""
        let checks = try await curl(["http://127.0.0.1:\(port)/readyz"]).json["checks"] as? [[String: Any]]
        return checks?.first { $0["name"] as? String == name } ?? [:]
    }

    private func register(_ certificates: [String], at sandboxURL: String) async throws {
        let body = try JSONSerialization.data(withJSONObject: ["certificates": certificates])
        let answer = try await curl(
            ["-X", "POST", sandboxURL + "/_sandbox/tenant", "-d", String(decoding: body, as: UTF8.self)]
        )
        #expect(answer.status == 200)
    }

    @Test("a certificate gets a token from an Entra that verifies it, as PEM and as PFX, and its end is in sight")
    func certificate() async throws {
        let folder = try Folder()
        let identity = try await Identity("gateway", days: 20, in: folder)
        let pem = try folder.write(identity.both, to: "both.pem")
        let exported = try await run(
            "openssl",
            [
                "pkcs12", "-export", "-inkey", folder.path + "/gateway.key", "-in", folder.path + "/gateway.crt",
                "-out",
                folder.path + "/both.pfx", "-passout", "pass:pfx-password-123",
            ]
        )
        #expect(exported.code == 0)
        let password = try folder.write("pfx-password-123\n", to: "password")
        let forms = [
            ["AZURE_CLIENT_CERTIFICATE_PATH": pem],
            [
                "AZURE_CLIENT_CERTIFICATE_PATH": folder.path + "/both.pfx",
                "AZURE_CLIENT_CERTIFICATE_PASSWORD_FILE": password, "AZURE_CLIENT_SEND_CERTIFICATE_CHAIN": "true",
            ],
        ]
        for form in forms {
            let deployment = try await Deployment.start(
                sandboxFlags: ["--certificate", folder.path + "/gateway.crt"],
                settings: Self.noSecret.merging(form) { _, new in new }
            )
            #expect(try await deployment.mint().status == 201)
            let credential = try await check("credential", of: deployment)
            #expect(credential["status"] as? String == "degraded")
            #expect(credential["detail"] as? String == "expires-soon")
            let facts = credential["facts"] as? [String: Any]
            #expect(facts?["kind"] as? String == "client-certificate")
            #expect(facts?["daysLeft"] as? Int == 19)
            let fingerprint = try await run(
                "openssl",
                ["x509", "-in", folder.path + "/gateway.crt", "-noout", "-fingerprint", "-sha1"]
            ).output
            let thumbprint = fingerprint.split(separator: "=").last.map(String.init)?.filter(\.isHexDigit)
            #expect((facts?["thumbprint"] as? String)?.uppercased() == thumbprint)
            let line = try await deployment.gateway.logLine("credential's end")
            #expect(line["credential.days_left"] == "19" && line["level"] == "warning")
            for secret in ["pfx-password-123", "PRIVATE KEY"] {
                #expect(!deployment.gateway.standardOutput.contains(secret))
            }
        }
    }

    @Test("an Entra that does not know the certificate refuses it, and the operator hears its code")
    func unknownCertificate() async throws {
        let folder = try Folder()
        let pem = try folder.write(try await Identity("stranger", in: folder).both, to: "both.pem")
        let deployment = try await Deployment.start(
            settings: Self.noSecret.merging(["AZURE_CLIENT_CERTIFICATE_PATH": pem]) { _, new in new }
        )
        let answer = try await deployment.mint()
        #expect(answer.status == 502)
        #expect(answer["code"] == "credential-refused")
        #expect(try await deployment.gateway.logLine("access token refused")["entra.aadsts"] == "700027")
    }

    @Test("a certificate that is replaced on disk under load loses no request")
    func rotation() async throws {
        let folder = try Folder()
        let old = try await Identity("old", in: folder)
        let new = try await Identity("new", in: folder)
        let path = try folder.write(old.both, to: "credential.pem")
        let deployment = try await Deployment.start(
            // A token lives for eight seconds, so that the credential is shown all the time, and a busy machine gets to use it.
            sandboxFlags: [
                "--certificate", folder.path + "/old.crt", "--access-token-lifetime", "8", "--write-limit", "off",
            ],
            settings: Self.noSecret.merging(
                ["AZURE_CLIENT_CERTIFICATE_PATH": path, "GRAPH_WRITE_LIMIT": "off", "LOG_LEVEL": "info"]
            ) { _, new in new }
        )
        let profiles = (1...3).map { "aaaaaaaa-0000-4000-8000-00000000000\($0)" }
        let statuses = try await withThrowingTaskGroup(of: [Int].self) { group in
            let (isOver, answers) = (Flag(), Counter())
            for profile in profiles {
                group.addTask {
                    var statuses: [Int] = []
                    while !isOver.isSet {
                        statuses.append(try await deployment.mint(profile).status)
                        answers.add()
                    }
                    return statuses
                }
            }
            defer { isOver.set() }
            // The new one is registered first, as people do it, then put on the disk, and the old one taken away at last.
            try await register([old.certificate, new.certificate], at: deployment.sandboxURL)
            _ = try folder.write(new.both, to: "draft.pem")
            #expect(rename(folder.path + "/draft.pem", path) == 0)
            _ = try await deployment.gateway.logLine("credential replaced: Entra has accepted the new one")
            try await register([new.certificate], at: deployment.sandboxURL)
            // The new one has to be enough alone, and under load.
            let obtained = accessTokens(of: deployment.gateway)
            _ = try await deployment.gateway.waitFor("two more access tokens") { gateway in
                accessTokens(of: gateway) >= obtained + 2 && answers.count > 20 ? true : nil
            }
            isOver.set()
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(statuses.count > 20)
        #expect(statuses.allSatisfy { $0 == 201 }, "\(statuses)")
        let facts = try await check("credential", of: deployment)["facts"] as? [String: Any]
        #expect(facts?["generation"] as? Int == 2)
    }

    @Test("a file that is broken leaves the old credential in use, and says so until it is mended; SIGHUP has it read")
    func broken() async throws {
        let folder = try Folder()
        let old = try await Identity("old", in: folder)
        let path = try folder.write(old.both, to: "credential.pem")
        let deployment = try await Deployment.start(
            sandboxFlags: ["--certificate", folder.path + "/old.crt"],
            settings: Self.noSecret.merging(["AZURE_CLIENT_CERTIFICATE_PATH": path]) { _, new in new }
        )
        _ = try await deployment.mint()
        _ = try folder.write(old.certificate, to: "credential.pem")
        let line = try await deployment.gateway.logLine("new credential cannot be used: the present one serves on")
        #expect(line["level"] == "error")
        let degraded = try await check("credential", of: deployment)
        #expect(degraded["detail"] as? String == "replacement-unusable")
        #expect(try await deployment.mint().status == 201)

        _ = try folder.write(old.both, to: "credential.pem")
        kill(deployment.gateway.processID, SIGHUP)
        for _ in 0..<100 where try await check("credential", of: deployment)["status"] as? String != "ready" {
            try await Task.sleep(for: .milliseconds(100))
        }
        #expect(try await check("credential", of: deployment)["status"] as? String == "ready")
        #expect(try await deployment.mint().status == 201)
        #expect(!deployment.gateway.hasEnded)
    }

    @Test("a federated token is read anew for each access token")
    func workloadIdentity() async throws {
        let folder = try Folder()
        let path = folder.path + "/federated-token"
        let deployment = try await Deployment.start(
            sandboxFlags: ["--federated-token-file", path, "--access-token-lifetime", "8"],
            settings: Self.noSecret.merging(["AZURE_FEDERATED_TOKEN_FILE": path]) { _, new in new }
        )
        #expect(try await deployment.mint().status == 201)
        let subject = try await curl(
            ["-X", "POST", deployment.sandboxURL + "/_sandbox/federated-token", "-d", #"{"subject": "somebody else"}"#]
        )
        _ = try folder.write(subject["token"] ?? "", to: "federated-token")
        _ = try await deployment.gateway.waitFor("the refusal") { program in
            program.log.first { $0["entra.aadsts"] == "700213" }
        }
        let facts = try await check("credential", of: deployment)["facts"] as? [String: Any]
        #expect(facts?["kind"] as? String == "workload-identity")
    }

    @Test("a managed identity gets its token of IMDS, or of App Service where that is", arguments: [true, false])
    func managedIdentity(isAppService: Bool) async throws {
        let sandbox = try Program("graph-sandbox", ["--port", "0", "--tenant", Deployment.tenant])
        let url = try await sandbox.sandboxURL()
        let place =
            isAppService
            ? ["IDENTITY_ENDPOINT": url + "/msi/token", "IDENTITY_HEADER": "sandbox-identity-header"]
            : ["AZURE_POD_IDENTITY_AUTHORITY_HOST": url]
        let gateway = try Program(
            "enrollment-gateway",
            ["serve"],
            environment: [
                "HTTP_PORT": "0", "MANAGEMENT_PORT": "0", "API_KEY": Deployment.key, "GRAPH_BASE_URL": url + "/beta",
                "AZURE_CREDENTIAL": "managed-identity", "LEDGER_URL": "none",
            ].merging(place) { _, new in new }
        )
        let port = try await gateway.logLine("Serving callers")["http.port"] ?? ""
        let answer = try await curl(
            [
                "-X", "POST", "http://127.0.0.1:\(port)/profiles/\(Deployment.profile)/token", "-H",
                "X-API-Key: \(Deployment.key)",
            ]
        )
        #expect(answer.status == 201)
        #expect(!gateway.standardOutput.contains("sandbox-identity-header"))
    }

    @Test("what is wrong with a credential is told in one sentence each, all at once, with exit code 78")
    func badInput() async throws {
        let folder = try Folder()
        let identity = try await Identity("one", in: folder)
        let other = try await Identity("other", in: folder)
        let mismatched = try folder.write(identity.key + other.certificate, to: "mismatched.pem")
        let blank = try folder.write(" \n", to: "blank")
        let tenant = ["AZURE_TENANT_ID": Deployment.tenant, "AZURE_CLIENT_ID": Deployment.client]
        let cases: [([String: String], [String])] = [
            (["AZURE_CLIENT_CERTIFICATE_PATH": mismatched], ["AZURE_CLIENT_CERTIFICATE_PATH"]),
            (["AZURE_CLIENT_CERTIFICATE_PATH": folder.path], ["AZURE_CLIENT_CERTIFICATE_PATH", "folder"]),
            (
                ["AZURE_CLIENT_CERTIFICATE_PATH": folder.path + "/none.pem"],
                ["AZURE_CLIENT_CERTIFICATE_PATH", "no file"]
            ),
            (["AZURE_FEDERATED_TOKEN_FILE": folder.path], ["AZURE_FEDERATED_TOKEN_FILE", "folder"]),
            (["AZURE_CLIENT_SECRET_FILE": blank], ["AZURE_CLIENT_SECRET"]),
            (["AZURE_CREDENTIAL": "password"], ["AZURE_CREDENTIAL", "client-certificate"]),
            (
                [
                    "AZURE_CLIENT_SECRET": "s3cret-value-12345", "GRAPH_CLOUD": "china",
                    "AZURE_AUTHORITY_HOST": "login.microsoftonline.com",
                ],
                ["AZURE_AUTHORITY_HOST", "cloud"]
            ),
            (
                ["AZURE_CLIENT_ID": "", "AZURE_CLIENT_SECRET": "s3cret-value-12345", "GRAPH_CLOUD": "mars"],
                ["AZURE_CLIENT_ID", "GRAPH_CLOUD"]
            ),
        ]
        for (settings, words) in cases {
            let environment = ["API_KEY": Deployment.key].merging(tenant) { $1 }.merging(settings) { $1 }
            let program = try Program("enrollment-gateway", ["check"], environment: environment)
            #expect(try await program.exitCode() == 78, "\(settings)")
            for word in words { #expect(program.standardError.contains(word), "\(word): \(program.standardError)") }
            #expect(!program.standardError.contains("s3cret-value"))
        }
    }
}

/// Set once, seen by all.
/// How many access tokens a gateway has obtained so far.
private func accessTokens(of gateway: Program) -> Int {
    gateway.log.count { $0["message"] == "access token obtained" }
}

private final class Counter: Sendable {
    private let value = Atomic(0)
    var count: Int { value.load(ordering: .relaxed) }
    func add() { value.add(1, ordering: .relaxed) }
}

private final class Flag: Sendable {
    private let value = Atomic(false)
    var isSet: Bool { value.load(ordering: .relaxed) }
    func set() { value.store(true, ordering: .relaxed) }
}
