import Foundation
import Glibc
import TestSupport
import Testing

@Suite("doctor, end to end", .timeLimit(.minutes(5)))
struct DoctorTests {
    /// A secure sandbox, and what leads to it.
    struct Surgery {
        static let wrongSecret = "wrong-secret-9876543210"

        let sandbox: Program
        let url: String
        let folder: Folder

        init() async throws {
            folder = try Folder()
            let secretFile = try folder.write(Deployment.secret + "\n", to: "secret")
            sandbox = try Program(
                "graph-sandbox",
                [
                    "--port", "0", "--tenant", Deployment.tenant, "--client", Deployment.client, "--secret-file",
                    secretFile, "--tls-directory", folder.path,
                ]
            )
            url = try await sandbox.sandboxURL()
        }

        var trust: [String] { ["--cacert", folder.path + "/ca.pem"] }

        func doctor(_ arguments: [String] = [], settings: [String: String] = [:]) throws -> Program {
            let environment = [
                "API_KEY": Deployment.key, "AZURE_TENANT_ID": Deployment.tenant, "AZURE_CLIENT_ID": Deployment.client,
                "AZURE_CLIENT_SECRET": Deployment.secret, "AZURE_AUTHORITY_HOST": url,
                "GRAPH_BASE_URL": url + "/beta", "UPSTREAM_CA_PATH": folder.path + "/ca.pem",
            ].merging(settings) { _, own in own }
            return try Program("enrollment-gateway", ["doctor"] + arguments, environment: environment)
        }

        func effective() async throws -> Int {
            let counters = try await curl(trust + [url + "/_sandbox/counters"]).json
            return (counters["createToken"] as? [String: Any])?["effective"] as? Int ?? -1
        }
    }

    @Test("all holds over TLS, and --create makes one enrollment token")
    func healthy() async throws {
        let surgery = try await Surgery()
        let plain = try surgery.doctor(["--profile", Deployment.profile])
        #expect(try await plain.exitCode() == 0)
        #expect(plain.standardOutput.contains("✓ Trust in Graph"))
        #expect(plain.standardOutput.contains("Sandbox authority"))
        #expect(plain.standardOutput.hasSuffix("All holds.\n"))
        #expect(try await surgery.effective() == 0)
        let creating = try surgery.doctor(["--profile", Deployment.profile, "--create"])
        #expect(try await creating.exitCode() == 0)
        #expect(creating.standardOutput.contains("It replaces the one that"))
        #expect(creating.standardOutput.contains("✓ createToken"))
        #expect(try await surgery.effective() == 1)
    }

    @Test("a fault is named with its remedy, ends with 1, and no secret is shown")
    func wrongSecret() async throws {
        let surgery = try await Surgery()
        let program = try surgery.doctor(settings: ["AZURE_CLIENT_SECRET": Surgery.wrongSecret])
        #expect(try await program.exitCode() == 1)
        #expect(program.standardOutput.contains("✗ Access token"))
        #expect(program.standardOutput.contains("AADSTS7000215"))
        #expect(program.standardOutput.contains("– Permission              not tried: needs \"Access token\""))
        #expect(program.standardError.isEmpty)
        for secret in [Surgery.wrongSecret, Deployment.secret, Deployment.key] {
            #expect(!(program.standardOutput + program.standardError).contains(secret))
        }
    }

    @Test("--json is one document, with the result of each step")
    func json() async throws {
        let surgery = try await Surgery()
        let program = try surgery.doctor(["--json"], settings: ["UPSTREAM_CA_PATH": ""])
        #expect(try await program.exitCode() == 1)
        let document = try #require(
            try JSONSerialization.jsonObject(with: Data(program.standardOutput.utf8)) as? [String: Any]
        )
        #expect(document["ok"] as? Bool == false)
        let steps = try #require(document["steps"] as? [[String: Any]])
        let results = Dictionary(
            uniqueKeysWithValues: steps.map { ($0["step"] as? String ?? "", $0["result"] as? String ?? "") }
        )
        #expect(results["entra-connection"] == "passed")
        #expect(results["entra-trust"] == "failed")
        #expect(results["access-token"] == "not-tried")
    }

    @Test("a wrong configuration is told whole, with 78", arguments: [[], ["--json"]])
    func configuration(flags: [String]) async throws {
        let environment = ["AZURE_TENANT_ID": "common", "GRAPH_DEADLINE": "25", "API_KEY": "short-short"]
        let program = try Program("enrollment-gateway", ["doctor"] + flags, environment: environment)
        #expect(try await program.exitCode() == 78)
        for name in environment.keys + ["AZURE_CLIENT_ID"] { #expect(program.standardOutput.contains(name), "\(name)") }
        #expect(!program.standardOutput.contains("short-short"))
    }

    @Test(
        "what does not fit together is refused as a wrong command line",
        arguments: [["--create"], ["--profile", "not-a-guid"], ["--profile"]]
    )
    func commandLine(arguments: [String]) async throws {
        let program = try Program("enrollment-gateway", ["doctor"] + arguments)
        #expect(try await program.exitCode() == 64)
    }

    @Test("with --sandbox no set-up is needed, and it is no tenant's")
    func sandbox() async throws {
        let program = try Program("enrollment-gateway", ["doctor", "--sandbox", "--create"])
        #expect(try await program.exitCode() == 0)
        #expect(program.standardOutput.contains("✓ createToken"))
        let settings = ["AZURE_TENANT_ID": Deployment.tenant]
        let beside = try Program("enrollment-gateway", ["doctor", "--sandbox"], environment: settings)
        #expect(try await beside.exitCode() == 78)
    }

    @Test("a managed identity is examined at the platform's endpoint, in the place of Entra")
    func managedIdentity() async throws {
        let sandbox = try Program("graph-sandbox", ["--port", "0"])
        let url = try await sandbox.sandboxURL()
        var environment = [
            "API_KEY": Deployment.key, "GRAPH_BASE_URL": url + "/beta", "IDENTITY_ENDPOINT": url + "/msi/token",
            "IDENTITY_HEADER": "sandbox-identity-header",
        ]
        let healthy = try Program("enrollment-gateway", ["doctor"], environment: environment)
        #expect(try await healthy.exitCode() == 0)
        #expect(healthy.standardOutput.contains("✓ Connection to identity"))
        #expect(healthy.standardOutput.contains("by managed identity"))
        environment["AZURE_CLIENT_ID"] = "99999999-2222-4222-8222-222222222222"
        let unknown = try Program("enrollment-gateway", ["doctor"], environment: environment)
        #expect(try await unknown.exitCode() == 1)
        #expect(unknown.standardOutput.contains("✗ Access token"))
        #expect(unknown.standardOutput.contains("Assign a managed identity"))
        #expect(!unknown.standardOutput.contains("sandbox-identity-header"))
    }

    @Test("an enrollment token that was begun is finished and told, Control-C or not")
    func interruptedCreation() async throws {
        let surgery = try await Surgery()
        try await Deployment.inject(
            #"{"operation": "createToken", "effect": "delay", "delayMilliseconds": 2000}"#,
            at: surgery.url,
            options: surgery.trust
        )
        let program = try surgery.doctor(["--profile", Deployment.profile, "--create"])
        _ = try await program.waitFor("the announcement") { $0.standardOutput.contains("Now one") ? true : nil }
        kill(program.processID, SIGINT)
        #expect(try await program.exitCode() == 0)
        #expect(program.standardOutput.contains("✓ createToken"))
    }

    @Test("Control-C ends it at once, while it waits")
    func interruption() async throws {
        let surgery = try await Surgery()
        try await Deployment.inject(
            #"{"operation": "token", "untilReset": true, "effect": "stall"}"#,
            at: surgery.url,
            options: surgery.trust
        )
        let program = try surgery.doctor()
        _ = try await program.waitFor("the step before") { $0.standardOutput.contains("✓ Clock") ? true : nil }
        kill(program.processID, SIGINT)
        #expect(try await program.exitCode() == -1)
        #expect(!program.standardOutput.contains("Access token"))
    }
}
